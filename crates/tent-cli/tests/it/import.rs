//! `tent import`, against a server like the reference server.

use std::fs;
use std::net::TcpListener;
use std::path::PathBuf;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::peer::Reply;
use crate::reference::{Reference, SECRETS};
use crate::tent::{Ran, Tent};

/// A server on which a person has approved the app of an old client.
fn approved() -> Reference {
    Reference::logged_in().0
}

/// The keys that an old client has there.
fn keys() -> Value {
    json!({
        "appID": "app1",
        "registration_mac_key_id": "a:1",
        "registration_mac_key": "app-key-5ecret",
        "permanent_mac_key_id": "u:5ecret-id",
        "permanent_mac_key": "user-key-5ecret",
        "state": "code-5ecret",
    })
}

struct KeyFile {
    folder: TempDir,
}

impl KeyFile {
    fn of(json: &Value) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let text = serde_json::to_string_pretty(json).unwrap();
        fs::write(folder.path().join("keystore.js"), text).unwrap();
        Self { folder }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("keystore.js")
    }

    fn import(&self, tent: &Tent, more: &[&str]) -> Ran {
        let path = self.path();
        let ran = tent.run(&[&["import", path.to_str().unwrap()], more].concat());
        for secret in SECRETS {
            assert!(
                !ran.out.contains(secret) && !ran.err.contains(secret),
                "{ran:?}"
            );
        }
        ran
    }
}

fn single(url: &str, keys: Value) -> KeyFile {
    KeyFile::of(&json!({ url: keys }))
}

#[test]
fn the_account_of_an_old_client_is_proved_and_taken_over() {
    let server = approved();
    let (tent, url) = (Tent::new(), server.url());
    let before = server.peer.lines().len();
    let file = single(&url, keys());
    assert_eq!(file.import(&tent, &[]).ok(), format!("imported {url}\n"));
    assert_eq!(
        server.peer.lines()[before..],
        ["HEAD /", "GET /tent/profile", "GET /tent/groups?limit=1"]
    );
    assert_eq!(tent.run(&["accounts"]).ok(), format!("* {url}\n"));
    tent.run(&["posts"]).ok();
    // Once more is as good as once.
    let json = file.import(&tent, &["--json"]).ok();
    let imported: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(
        imported,
        json!({ "entity": url, "imported": true, "servers": [format!("{url}/tent")], "app": "app1" })
    );
    assert_eq!(tent.run(&["logout"]).ok(), format!("logged out {url}\n"));
    assert!(
        server
            .peer
            .lines()
            .contains(&"DELETE /tent/apps/app1/authorizations/auth1".to_owned())
    );
}

#[test]
fn a_file_comes_by_standard_input_too() {
    let server = approved();
    let file = json!({ server.url(): keys() }).to_string();
    let ran = Tent::new().run_with(&["import", "-"], &file);
    assert_eq!(ran.ok(), format!("imported {}\n", server.url()));
}

#[test]
fn each_that_cannot_be_taken_over_is_told_and_the_others_are() {
    let server = approved();
    let (tent, url) = (Tent::new(), server.url());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let mut registered = keys();
    registered["permanent_mac_key"] = Value::Null;
    let file = KeyFile::of(&json!({
        (silent.clone()): keys(),
        (url.clone()): keys(),
        "https://registered.example": registered,
        "https://nothing.example": ["user-key-5ecret"],
        "http://plain.example": keys(),
    }));
    let ran = file.import(&tent, &[]);
    assert_eq!(ran.out, format!("imported {url}\n"));
    for entity in [
        silent.as_str(),
        "https://registered.example",
        "https://nothing.example",
        "http://plain.example",
    ] {
        assert!(
            ran.err
                .contains(&format!("tent: {entity} was not imported")),
            "{}",
            ran.err
        );
    }
    assert!(
        ran.err.contains("never approved") && ran.err.contains("--insecure"),
        "{}",
        ran.err
    );
    assert_eq!(ran.err.matches("because").count(), 4, "{}", ran.err);
    assert_eq!(ran.err.matches("tent: ").count(), 4, "{}", ran.err);
    assert_eq!(tent.run(&["accounts"]).ok(), format!("* {url}\n"));

    let ran = file.import(&tent, &["--json"]);
    assert_eq!((ran.err.as_str(), ran.out.lines().count()), ("", 5));
    assert_ne!(ran.code, 0);
    let lines = ran
        .out
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let lines: Vec<_> = lines.collect();
    let of = |entity: &str| lines.iter().find(|line| line["entity"] == entity).unwrap();
    assert_eq!(of(&url)["imported"], true);
    let refused = of("https://registered.example");
    assert_eq!(refused["imported"], false);
    assert_eq!(
        refused["error"],
        "the app was registered, and never approved"
    );
    assert!(refused["hint"].as_str().unwrap().contains("tent login"));
}

#[test]
fn a_dead_key_and_a_wrong_one_are_not_stored() {
    let server = approved();
    let (tent, url) = (Tent::new(), server.url());
    for (member, value, code, cause) in [
        ("permanent_mac_key_id", "u:dead", 3, "credential is dead"),
        ("permanent_mac_key", "wrong", 1, "Invalid MAC Signature"),
    ] {
        let mut wrong = keys();
        wrong[member] = value.into();
        let err = single(&url, wrong)
            .import(&tent, &["--unproved"])
            .fails_with(code);
        assert!(err.contains(cause), "{err}");
    }
    assert_eq!(tent.stored(), b"");
}

#[test]
fn what_is_not_proved_is_stored_when_that_is_said() {
    let server = approved();
    let (tent, url) = (Tent::new(), server.url());
    let file = single(&url, keys());
    server.instead("GET /tent/groups", Reply::error(403, "Unauthorized"));
    let err = file.import(&tent, &[]).fails_with(1);
    assert!(
        err.contains("nothing that shows") && err.contains("--unproved"),
        "{err}"
    );
    assert_eq!(tent.stored(), b"");
    server.instead("GET /tent/groups", Reply::error(403, "Unauthorized"));
    let imported = file.import(&tent, &["--unproved"]).ok();
    assert_eq!(imported, format!("imported {url}\n"));
}

#[test]
fn an_account_that_is_there_stays_as_it_is() {
    let (server, tent) = Reference::logged_in();
    let stored = tent.stored();
    let mut other = keys();
    other["permanent_mac_key"] = "another".into();
    let err = single(&server.url(), other)
        .import(&tent, &[])
        .fails_with(2);
    assert!(
        err.contains("already") && err.contains("tent logout"),
        "{err}"
    );
    assert_eq!(tent.stored(), stored);
}

#[test]
fn the_first_version_had_no_registration_and_another_login_makes_one() {
    let server = approved();
    let (tent, url) = (Tent::new(), server.url());
    let first =
        json!({ "appID": "app1", "mac_key_id": "u:5ecret-id", "mac_key": "user-key-5ecret" });
    single(&url, first).import(&tent, &[]).ok();
    let before = server.peer.lines().len();
    server.log_in(&tent, &[]);
    assert_eq!(server.peer.lines()[before + 2], "POST /tent/apps");
    // Now there is one, which is updated.
    let before = server.peer.lines().len();
    server.log_in(&tent, &[]);
    assert_eq!(server.peer.lines()[before + 2], "PUT /tent/apps/app2");
}

#[test]
fn what_is_no_key_file_is_told_without_what_stands_in_it() {
    let tent = Tent::new();
    let list = KeyFile::of(&json!(["user-key-5ecret"]));
    let err = list.import(&tent, &[]).fails_with(2);
    assert!(
        err.contains("not a key file") && err.contains("line 1"),
        "{err}"
    );
    let err = tent.run(&["import", "/nowhere/keystore.js"]).fails_with(5);
    assert!(err.contains("/nowhere/keystore.js"), "{err}");
    let err = KeyFile::of(&json!({})).import(&tent, &[]).fails_with(0);
    assert!(err.contains("no accounts"), "{err}");
}

#[test]
fn a_dry_run_shows_the_first_request() {
    let server = approved();
    let before = server.peer.lines().len();
    let tent = Tent::new();
    let shown = single(&server.url(), keys())
        .import(&tent, &["--dry-run"])
        .ok();
    assert!(
        shown.starts_with(&format!("HEAD {}/\n", server.url())),
        "{shown}"
    );
    assert_eq!(server.peer.lines().len(), before);
}
