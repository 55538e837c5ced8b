//! Every crate that is named in the workspace is there in one version, and what else comes twice is
//! listed with its reason in `docs/dependencies.md`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

fn read(name: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    fs::read_to_string(root.join(name)).expect("the workspace has this file")
}

/// Versions by name, of the crates that the lock file has more than once.
fn doubles() -> BTreeMap<String, BTreeSet<String>> {
    let lock = read("Cargo.lock");
    let quoted = |line: &str| line.split('"').nth(1).unwrap_or_default().to_owned();
    let mut versions: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for package in lock.split("[[package]]").skip(1) {
        let mut lines = package.trim_start().lines();
        let name = lines.next().map(quoted).unwrap_or_default();
        let version = lines.next().map(quoted).unwrap_or_default();
        versions.entry(name).or_default().insert(short(&version));
    }
    versions.retain(|_, versions| versions.len() > 1);
    versions
}

/// What two versions must differ in to be two: `0.4` of `0.4.3`, `2` of `2.0.119`.
fn short(version: &str) -> String {
    let count = if version.starts_with("0.") { 2 } else { 1 };
    version.split('.').take(count).collect::<Vec<_>>().join(".")
}

/// The rows of the table of `docs/dependencies.md` that names doubles.
fn listed() -> BTreeMap<String, BTreeSet<String>> {
    let text = read("docs/dependencies.md");
    let (_, table) = text.split_once("## Twice").expect("it has the table");
    let rows = table.lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| {
        let mut cells = row.split('|').map(str::trim).skip(1);
        let name = cells.next().unwrap_or_default().trim_matches('`');
        let versions = cells.next().unwrap_or_default().split(", ");
        (name.to_owned(), versions.map(str::to_owned).collect())
    })
    .collect()
}

#[test]
fn doubles_are_the_ones_that_are_listed() {
    assert_eq!(doubles(), listed());
}

#[test]
fn what_the_workspace_names_is_there_once() {
    let manifest = read("Cargo.toml");
    let (_, table) = manifest
        .split_once("[workspace.dependencies]")
        .expect("it has the table");
    let (table, _) = table.split_once("\n[").expect("another table follows");
    let named: BTreeSet<&str> = table
        .lines()
        .filter_map(|line| Some(line.split_once(" = ")?.0))
        .collect();
    assert!(named.contains("http") && named.len() > 30, "{named:?}");
    let doubles = doubles();
    // Ours is one; the other is that of ring, and of tokio-postgres.
    let allowed = BTreeSet::from(["getrandom", "base64"]);
    let twice: Vec<_> = named
        .iter()
        .filter(|name| doubles.contains_key(**name) && !allowed.contains(*name))
        .collect();
    assert!(twice.is_empty(), "{twice:?}");
}
