//! The dependency table of `docs/architecture.md` holds, and crates without I/O stay without.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use serde_json::Value;

/// Which of our crates each may depend on, tests apart.
const MAY_DEPEND_ON: &[(&str, &[&str])] = &[
    ("tent-flow", &[]),
    ("tent-discovery", &["tent-flow"]),
    ("tent-proto", &["tent-flow", "tent-discovery"]),
    ("tent-blocking", &["tent-flow"]),
    ("tent-async", &["tent-flow"]),
    ("tent-store", &["tent-flow", "tent-proto"]),
    (
        "tent-server",
        &["tent-flow", "tent-discovery", "tent-proto", "tent-async"],
    ),
    (
        "tent-cli",
        &[
            "tent-flow",
            "tent-discovery",
            "tent-proto",
            "tent-blocking",
            "tent-async",
            "tent-store",
            "tent-server",
            "tent-testkit",
        ],
    ),
    (
        "tent-load",
        &[
            "tent-flow",
            "tent-proto",
            "tent-async",
            "tent-server",
            "tent-testkit",
        ],
    ),
    ("tent-testkit", &["tent-flow", "tent-proto"]),
];

/// The crates that do no I/O.
const SANS_IO: [&str; 3] = ["tent-flow", "tent-discovery", "tent-proto"];

/// What does I/O, reads a clock, draws randomness, or runs tasks.
const DOES_IO: &[&str] = &[
    "async-std",
    "axum",
    "chrono",
    "etcetera",
    "fastrand",
    "futures",
    "futures-executor",
    "futures-util",
    "getrandom",
    "hyper",
    "hyper-util",
    "jiff",
    "keyring",
    "mio",
    "rand",
    "rand_core",
    "reqwest",
    "ring",
    "rusqlite",
    "rustls",
    "smol",
    "socket2",
    "sqlx",
    "tempfile",
    "time",
    "tokio",
    "tokio-postgres",
    "tower",
    "ureq",
    "uuid",
    "webbrowser",
];

/// What the clippy configuration of a crate without I/O must ban at least.
const BANNED: &[&str] = &[
    "std::time::SystemTime::now",
    "std::time::Instant::now",
    "std::time::Instant",
    "std::thread::sleep",
    "std::thread::spawn",
    "std::env::var",
    "std::fs::File",
    "std::fs::read",
    "std::fs::write",
    "std::net::TcpStream",
    "std::net::TcpListener",
    "std::net::UdpSocket",
    "std::collections::HashMap",
    "std::collections::HashSet",
];

/// The names that each crate depends on, but for its tests.
type Graph = BTreeMap<String, BTreeSet<String>>;

fn root() -> PathBuf {
    let crate_root = Path::new(env!("CARGO_MANIFEST_DIR"));
    crate_root.ancestors().nth(2).unwrap_or(crate_root).into()
}

fn workspace() -> Graph {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args([
            "metadata",
            "--no-deps",
            "--offline",
            "--format-version",
            "1",
        ])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo prints JSON");
    graph_of(&metadata)
}

fn graph_of(metadata: &Value) -> Graph {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    list(&metadata["packages"])
        .iter()
        .map(|package| {
            let dependencies = list(&package["dependencies"]);
            let names = dependencies
                .iter()
                .filter(|dependency| dependency["kind"] != "dev")
                .map(|dependency| text(&dependency["name"]))
                .collect();
            (text(&package["name"]), names)
        })
        .collect()
}

/// Every edge that the table or the list of what does I/O forbids.
fn forbidden(graph: &Graph) -> Vec<String> {
    let mut forbidden = Vec::new();
    for (name, dependencies) in graph {
        let Some((_, allowed)) = MAY_DEPEND_ON.iter().find(|(of, _)| of == name) else {
            continue; // the examples may use everything
        };
        for dependency in dependencies {
            let ours = dependency.starts_with("tent-");
            let does_io =
                SANS_IO.contains(&name.as_str()) && DOES_IO.contains(&dependency.as_str());
            if (ours && !allowed.contains(&dependency.as_str())) || does_io {
                forbidden.push(format!("{name} -> {dependency}"));
            }
        }
    }
    forbidden
}

#[test]
fn the_dependency_table_holds() {
    let graph = workspace();
    for (name, _) in MAY_DEPEND_ON {
        assert!(graph.contains_key(*name), "there is no {name}");
    }
    let unknown: Vec<_> = graph
        .keys()
        .filter(|name| *name != "tent-examples")
        .filter(|name| !MAY_DEPEND_ON.iter().any(|(known, _)| known == name))
        .collect();
    assert!(unknown.is_empty(), "the table lacks {unknown:?}");
    assert_eq!(forbidden(&graph), Vec::<String>::new());
}

#[test]
fn a_forbidden_edge_is_found() {
    let edge = |from: &str, to: &str, kind: Value| -> Graph {
        let dependency = serde_json::json!({ "name": to, "kind": kind });
        let package = serde_json::json!({ "name": from, "dependencies": [dependency] });
        graph_of(&serde_json::json!({ "packages": [package] }))
    };
    for (from, to) in [
        ("tent-blocking", "tent-proto"),
        ("tent-async", "tent-discovery"),
        ("tent-flow", "tent-proto"),
        ("tent-proto", "tent-async"),
        ("tent-store", "tent-blocking"),
        ("tent-discovery", "tokio"),
        ("tent-proto", "getrandom"),
        ("tent-flow", "ureq"),
    ] {
        for kind in [Value::Null, "build".into()] {
            assert_eq!(
                forbidden(&edge(from, to, kind)),
                [format!("{from} -> {to}")]
            );
        }
        let in_tests = edge(from, to, "dev".into());
        assert_eq!(forbidden(&in_tests), Vec::<String>::new());
    }
}

#[test]
fn crates_without_io_ban_the_same_in_clippy() {
    let configuration = |name: &str| {
        let path = root().join("crates").join(name).join(".clippy.toml");
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    let first = configuration(SANS_IO[0]);
    for name in SANS_IO {
        assert!(configuration(name) == first, "{name} bans something else");
    }
    for banned in BANNED {
        let entry = format!("path = \"{banned}\"");
        assert!(first.contains(&entry), "{banned} is not banned");
    }
}

#[test]
fn drivers_name_nothing_of_tent() {
    for driver in ["tent-blocking", "tent-async"] {
        let folder = root().join("crates").join(driver).join("src");
        for file in fs::read_dir(&folder).expect("there is a src").flatten() {
            let text = fs::read_to_string(file.path()).expect("it is text");
            for name in ["tent_proto", "tent_discovery", "tent_store", "tent_server"] {
                assert!(
                    !text.contains(name),
                    "{} names {name}",
                    file.path().display()
                );
            }
        }
    }
}

/// No crate of ours is below both drivers and may know TLS, so each has the file.
#[test]
fn drivers_trust_the_same_roots() {
    let roots = |driver: &str| {
        let path = root().join("crates").join(driver).join("src/roots.rs");
        fs::read_to_string(path).expect("it says whom it trusts")
    };
    assert!(roots("tent-blocking") == roots("tent-async"), "they differ");
}
