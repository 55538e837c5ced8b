//! The table of faults and policies, in a simulation; and the document that shows it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use tent_testkit::matrix::{CASES, Case, Simulation};

tent_testkit::fault_matrix!(Simulation);

const CELLS: [&str; 4] = ["get_off", "get_default", "post_off", "post_default"];

fn read(path: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    fs::read_to_string(root.join(path)).unwrap()
}

fn row(case: &Case) -> String {
    let cells = CELLS.iter().zip(case.expected);
    let cells = cells.map(|(cell, [once, always])| {
        let text = match once == always {
            true => once.to_owned(),
            false => format!("{once} · {always}"),
        };
        format!("[{}][{}::{cell}]", text.replace('*', "…"), case.name)
    });
    format!(
        "| {} | {} |",
        case.what,
        cells.collect::<Vec<_>>().join(" | ")
    )
}

#[test]
fn the_document_shows_the_table_with_a_link_to_each_test() {
    let document = read("docs/policy.md");
    let lines: BTreeSet<&str> = document.lines().collect();
    let table = "../crates/tent-testkit/src/matrix/table.rs";
    for case in CASES {
        let row = row(case);
        assert!(lines.contains(row.as_str()), "docs/policy.md lacks\n{row}");
        for cell in CELLS {
            let test = format!("{}::{cell}", case.name);
            let link = format!("[{test}]: {table} \"matrix::{test}\"");
            assert!(
                lines.contains(link.as_str()),
                "docs/policy.md lacks\n{link}"
            );
        }
    }
    let links = document.matches("\"matrix::").count();
    assert_eq!(
        links,
        CELLS.len() * CASES.len(),
        "links to tests that are none"
    );
    let rows = document.matches("::post_default] |").count();
    assert_eq!(rows, CASES.len(), "rows of cases that are none");
}

#[test]
fn every_case_has_its_tests() {
    let source = read("crates/tent-testkit/src/matrix/table.rs");
    let (_, list) = source.split_once("{ $ground:\n").unwrap();
    let (list, _) = list.split_once('}').unwrap();
    let tested: Vec<&str> = list.split_whitespace().collect();
    let cases: Vec<&str> = CASES.iter().map(|case| case.name).collect();
    assert_eq!(tested, cases);
    for cell in CELLS {
        assert!(source.contains(&format!("fn {cell}()")), "{cell}");
    }
}

#[test]
fn every_driver_plays_the_table() {
    for driver in ["tent-blocking", "tent-async"] {
        let tests = read(&format!("crates/{driver}/tests/it/faults.rs"));
        assert!(tests.contains("fault_matrix!(Sockets<"), "{driver}");
    }
}

/// Tests that the document names by their whole path.
#[test]
fn other_tests_that_the_document_names_exist() {
    let document = read("docs/policy.md");
    let quoted = document.split('`').skip(1).step_by(2);
    let mut count = 0;
    for (module, test) in quoted.filter_map(|text| text.split_once("simulation::")) {
        let source = read("crates/tent-proto/tests/it/simulation.rs");
        assert!(
            module.is_empty() && source.contains(&format!("fn {test}()")),
            "{test}"
        );
        count += 1;
    }
    assert_eq!(count, 1);
}
