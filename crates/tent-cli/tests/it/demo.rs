//! `tent demo`

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::tent::Tent;

#[test]
fn the_tour_goes_through_with_both_clients_and_leaves_nothing() {
    let (tent, folder) = (Tent::new(), tempfile::tempdir().unwrap());
    let run = |arguments: &[&str]| {
        let mut command = tent.command(arguments);
        let output = command.env("TMPDIR", folder.path()).output().unwrap();
        crate::tent::Ran::from(output).ok()
    };
    let told = run(&["demo"]);
    for client in ["tent-blocking", "tent-async"] {
        assert!(told.contains(&format!("\nWith {client}:\n")), "{told}");
        assert!(
            told.contains(&format!("  Hello from {client}!  ")),
            "{told}"
        );
    }
    for step in [
        "discover",
        "register",
        "approve",
        "exchange",
        "prove",
        "post",
        "read back",
    ] {
        assert_eq!(
            told.matches(&format!("\n  {step:10}  ")).count(),
            2,
            "{step}: {told}"
        );
    }
    let told = run(&["demo", "--json"]);
    let rounds: Vec<Value> = told
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(rounds.len(), 2);
    for (round, client) in rounds.iter().zip(["tent-blocking", "tent-async"]) {
        assert_eq!(round["client"], client);
        assert_eq!(
            round["post"]["content"]["text"],
            format!("Hello from {client}!")
        );
    }
    assert_eq!(folder.path().read_dir().unwrap().count(), 0);
    assert!(!tent.credentials().parent().unwrap().exists());
}

#[cfg(unix)]
#[test]
fn whoever_breaks_it_off_finds_nothing_left() {
    let (tent, folder) = (Tent::new(), tempfile::tempdir().unwrap());
    let mut child = tent
        .command(&["demo", "--browser"])
        .env("TMPDIR", folder.path())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let told = BufReader::new(child.stderr.take().unwrap()).lines();
    let told: Vec<_> = told.map(Result::unwrap).take(2).collect();
    assert!(told[0].starts_with("  passphrase  "), "{told:?}");
    assert!(told[1].starts_with("open http://127.0.0.1:"), "{told:?}");
    assert_eq!(folder.path().read_dir().unwrap().count(), 1);
    let pid = child.id().to_string();
    let killed = Command::new("kill").args(["-s", "INT", &pid]).status();
    assert!(killed.unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_eq!(folder.path().read_dir().unwrap().count(), 0);
}
