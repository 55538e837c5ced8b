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

/// The cells of the rows of the table below a heading of §11, the head left out.
fn rows(heading: &str) -> Vec<Vec<String>> {
    let protocol = protocol();
    let (_, below) = protocol.split_once(heading).expect("it has the table");
    let end = below.find("\n##").unwrap_or(below.len());
    let rows = below[..end].lines().filter(|line| line.starts_with('|'));
    let cells = |row: &str| -> Vec<String> {
        let row = row.trim_matches('|').split('|');
        row.map(|cell| cell.trim().to_owned()).collect()
    };
    rows.skip(2).map(cells).collect()
}

/// A folder of `tent-proto`, or of its draft, with its sources as one text.
fn sources_of(folder: &str) -> String {
    let mut files = Vec::new();
    let path = root().join("crates/tent-proto/src").join(folder);
    sources(&path, &mut files);
    files.push(path.with_extension("rs"));
    let texts = files
        .iter()
        .filter_map(|file| fs::read_to_string(file).ok());
    texts.collect::<Vec<_>>().join("\n")
}

/// The names that follow some words in a text.
fn names_after<'a>(text: &'a str, words: &str) -> BTreeSet<&'a str> {
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    let after = text.split(words).skip(1);
    let names = after.map(|rest| rest.split(|c| !is_name(c)).next().unwrap_or_default());
    names.filter(|name| !name.is_empty()).collect()
}

/// Whether a test such as `receive::apps::get_app` of `tent-proto` exists.
fn is_test(path: &str) -> bool {
    let Some((module, name)) = path.rsplit_once("::") else {
        return false;
    };
    let file = format!(
        "crates/tent-proto/tests/it/{}.rs",
        module.replace("::", "/")
    );
    let text = fs::read_to_string(root().join(file)).unwrap_or_default();
    text.contains(&format!("fn {name}("))
}

/// Checks a table: no cell is empty, and what is named exists. Gives back the types that it names.
fn checked_types(heading: &str, folder: &str) -> BTreeSet<String> {
    let mut types = BTreeSet::new();
    for row in rows(heading) {
        let [what, name, source, tests] = row.as_slice() else {
            panic!("{row:?}");
        };
        assert!(!what.is_empty() && source.contains('§'), "{row:?}");
        let name = name.trim_matches('`');
        let (folder, plain) = match name.strip_prefix("draft::") {
            Some(plain) => (format!("draft/{folder}"), plain),
            None => (folder.to_owned(), name),
        };
        let text = sources_of(&folder);
        let kinds = ["struct ", "enum ", "trait ", "type "];
        let is_there = kinds
            .iter()
            .any(|kind| names_after(&text, kind).contains(plain));
        assert!(is_there, "{name} is no type of {folder}");
        let tests: Vec<&str> = tests.split('`').skip(1).step_by(2).collect();
        assert!(!tests.is_empty(), "{row:?}");
        for test in tests {
            assert!(is_test(test), "{name} has no test {test}");
        }
        types.insert(name.to_owned());
    }
    types
}

#[test]
fn every_call_has_a_true_row() {
    let rows = checked_types("\n### Calls\n", "call");
    for (folder, prefix) in [("call", ""), ("draft/call", "draft::")] {
        let text = sources_of(folder);
        let implementations = names_after(&text, "Call for ");
        assert!(implementations.len() > 10, "{implementations:?}");
        for call in implementations {
            assert!(
                rows.contains(&format!("{prefix}{call}")),
                "{prefix}{call} has no row"
            );
        }
    }
}

#[test]
fn every_type_has_a_true_row() {
    let rows = checked_types("\n### Types\n", "model");
    for (module, prefix) in [("model.rs", ""), ("draft/model.rs", "draft::")] {
        let file = root().join("crates/tent-proto/src").join(module);
        let text = fs::read_to_string(file).expect("it is text");
        for exported in text.split("pub use self::").skip(1) {
            let path = exported.split(';').next().unwrap_or_default();
            let (_, names) = path.rsplit_once("::").expect("a module and a name");
            let names = names.trim_matches(['{', '}']).split(',').map(str::trim);
            for name in names.filter(|name| !name.is_empty()) {
                let name = format!("{prefix}{name}");
                assert!(rows.contains(&name), "{name} has no row");
            }
        }
    }
}
