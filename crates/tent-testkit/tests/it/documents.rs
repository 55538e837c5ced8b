//! What the documents and the code say of each other is there.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn protocol() -> String {
    fs::read_to_string(root().join("docs/protocol.md")).expect("there is the protocol")
}

/// Every source file of our crates.
fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The numbers of sections that follow "`docs/protocol.md`", as in "§2.4" or "§6.7 and §9.3".
fn cited(text: &str) -> BTreeSet<String> {
    let mut cited = BTreeSet::new();
    for after in text.split("docs/protocol.md` ").skip(1) {
        let words = after.split_whitespace();
        for word in words.take_while(|word| word.starts_with('§') || *word == "and") {
            let number = word.trim_matches(|c: char| !c.is_ascii_digit());
            if !number.is_empty() {
                cited.insert(number.to_owned());
            }
        }
    }
    cited
}

/// `a/{b,c}.rs` is `a/b.rs` and `a/c.rs`.
fn expand(path: &str) -> Vec<String> {
    let parts = path
        .split_once('{')
        .and_then(|(before, rest)| Some((before, rest.split_once('}')?)));
    match parts {
        None => vec![path.to_owned()],
        Some((before, (names, after))) => names
            .split(',')
            .map(|name| format!("{before}{name}{after}"))
            .collect(),
    }
}

#[test]
fn sections_that_the_code_cites_exist() {
    let protocol = protocol();
    let headings = protocol.lines().filter_map(|line| {
        let number = line.trim_start_matches('#').split_whitespace().next()?;
        let is_heading = line.starts_with("##");
        is_heading.then(|| number.trim_end_matches('.').to_owned())
    });
    let sections: BTreeSet<String> = headings.collect();
    let mut files = Vec::new();
    sources(&root().join("crates"), &mut files);
    let mut count = 0;
    for file in files {
        let cited = cited(&fs::read_to_string(&file).expect("it is text"));
        count += cited.len();
        let missing: Vec<_> = cited.difference(&sections).collect();
        assert!(missing.is_empty(), "{}: §{missing:?}", file.display());
    }
    assert!(count > 50, "only {count} sections are cited");
}

#[test]
fn files_that_the_coverage_table_names_exist() {
    let protocol = protocol();
    let (_, table) = protocol.split_once("\n## 11. ").expect("it has the table");
    let (table, _) = table.split_once("\n## 12. ").expect("and sources");
    let quoted = table.split('`').skip(1).step_by(2);
    let files: Vec<String> = quoted
        .filter(|text| text.starts_with("tent-"))
        .flat_map(expand)
        .collect();
    assert!(files.len() > 50, "{files:?}");
    for file in files {
        assert!(root().join("crates").join(&file).exists(), "{file}");
    }
}
