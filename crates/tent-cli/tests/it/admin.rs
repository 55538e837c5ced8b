//! `tent admin`, beside a server that runs and without one.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use serde_json::Value;

use crate::peer::open;
use crate::server::{Browser, PASSPHRASE, Server};
use crate::tent::{Ran, Tent};

/// A data folder, and the program with a configuration.
struct Office {
    tent: Tent,
    _folder: tempfile::TempDir,
    data: String,
}

impl Office {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data").to_str().unwrap().to_owned();
        Self {
            tent: Tent::new(),
            _folder: folder,
            data,
        }
    }

    fn serve(&self) -> Server {
        let arguments = ["--listen", "127.0.0.1:0", "--data", &self.data];
        Server::start(&self.tent, &arguments)
    }

    fn admin(&self, passphrase: Option<&str>, arguments: &[&str]) -> Ran {
        let arguments = [&["admin", "--data", &self.data], arguments].concat();
        let mut command = self.tent.command(&arguments);
        if let Some(passphrase) = passphrase {
            command.env("TENT_PASSPHRASE", passphrase);
        }
        command.output().unwrap().into()
    }

    /// Logs in, which needs the passphrase.
    fn log_in(&self, entity: &str, passphrase: &str) {
        let login = self.tent.begin_login(&[entity]);
        open(&Browser::default().decide(&login.url, passphrase, "approve"));
        let ran = login.end();
        assert_eq!(ran.out, format!("logged in {entity}\n"), "{}", ran.err);
    }
}

#[test]
fn entities_come_and_go_beside_a_server_that_runs() {
    let office = Office::new();
    let server = office.serve();
    let (first, second) = (server.entity.clone(), format!("{}/~bob", server.entity));
    let created = office
        .admin(Some("bobs own"), &["entities", "create", &second])
        .ok();
    assert_eq!(created, format!("created {second}\n"));
    let list = office.admin(None, &["entities", "list"]).ok();
    assert_eq!(list, format!("{first}\n{second}\n"));

    office.log_in(&second, "bobs own");
    let account = ["--account", &second];
    let id = office
        .tent
        .run(&[&["post", "Hello", "--public"], &account[..]].concat())
        .ok();
    let posts = office.tent.run(&[&["posts"], &account[..]].concat()).ok();
    assert!(
        posts.contains(id.trim_end()) && posts.contains(&second),
        "{posts}"
    );
    office.log_in(&first, PASSPHRASE);
    assert_eq!(
        office
            .tent
            .run(&["posts", "--count", "--account", &first])
            .ok(),
        "0\n"
    );

    office.admin(Some("another"), &["passphrase", &second]).ok();
    office.log_in(&second, "another");

    let again = office
        .admin(Some("x"), &["entities", "create", &second])
        .fails_with(1);
    assert!(
        again.contains(&format!("{second} is there already")),
        "{again}"
    );
    let taken = office
        .admin(
            Some("x"),
            &["entities", "create", &format!("{first}/posts")],
        )
        .fails_with(1);
    assert!(
        taken.contains(&format!("there is something of {first}")),
        "{taken}"
    );
    assert_eq!(
        office.admin(None, &["entities", "remove", &second]).ok(),
        format!("removed {second}\n")
    );
    office
        .tent
        .run(&[&["posts"], &account[..]].concat())
        .fails_with(3);
    assert_eq!(
        office.admin(None, &["entities", "list"]).ok(),
        format!("{first}\n")
    );
    let nobody = office
        .admin(None, &["entities", "remove", &second])
        .fails_with(2);
    assert!(nobody.contains("there is no such entity"), "{nobody}");
    office
        .admin(Some("x"), &["passphrase", &second])
        .fails_with(2);
}

#[test]
fn entities_are_made_and_listed_without_a_server() {
    let office = Office::new();
    let ran = office.admin(None, &["entities", "create", "https://a.example/~a"]);
    assert_eq!(
        (ran.code, ran.out.as_str()),
        (0, "created https://a.example/~a\n")
    );
    let shown = ran
        .err
        .lines()
        .find_map(|line| line.strip_prefix("passphrase "));
    assert!(shown.unwrap().len() >= 16, "{}", ran.err);
    office
        .admin(Some("x"), &["entities", "create", "https://b.example"])
        .ok();
    let list = office.admin(None, &["--json", "entities", "list"]).ok();
    let entities: Vec<Value> = list
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(entities[1]["entity"], "https://b.example");
    // Everybody on the way could read this one.
    let err = office
        .admin(Some("x"), &["entities", "create", "http://c.example"])
        .fails_with(2);
    assert!(err.contains("--insecure"), "{err}");

    let arguments = [
        "--listen",
        "127.0.0.1:0",
        "--data",
        &office.data,
        "--entity",
        "https://b.example",
    ];
    let server = Server::start(&office.tent, &arguments);
    assert_eq!(server.entity, "https://b.example");
}

#[test]
fn the_channel_is_for_the_owner_and_gone_with_the_server() {
    let office = Office::new();
    let server = office.serve();
    let socket = format!("{}/admin.sock", office.data);
    assert_eq!(
        fs::metadata(&socket).unwrap().permissions().mode() & 0o777,
        0o600
    );
    server.stop("TERM");
    assert!(!fs::exists(&socket).unwrap());
    // One that was killed leaves it; nobody is irritated.
    let server = office.serve();
    server.stop("KILL");
    assert!(fs::exists(&socket).unwrap());
    assert_eq!(
        office
            .admin(None, &["entities", "list"])
            .ok()
            .lines()
            .count(),
        1
    );
    office.serve();
}

#[test]
fn a_backup_is_made_beside_a_server_and_restored() {
    let office = Office::new();
    let server = office.serve();
    office.log_in(&server.entity, PASSPHRASE);
    let id = office.tent.run(&["post", "kept"]).ok();
    let backup = format!("{}-backup", office.data);
    office.admin(None, &["backup", &backup]).ok();
    office.tent.run(&["post", "later"]).ok();
    assert_eq!(office.admin(None, &["check"]).ok(), "no damage\n");
    let err = office.admin(None, &["backup", &backup]).fails_with(5);
    assert!(err.contains("is there already"), "{err}");
    let err = office.admin(None, &["restore", &backup]).fails_with(5);
    assert!(err.contains("another server uses"), "{err}");
    server.stop("TERM");
    let err = office.admin(None, &["restore", &backup]).fails_with(5);
    assert!(err.contains("is there already"), "{err}");

    fs::rename(&office.data, format!("{}-lost", office.data)).unwrap();
    office.admin(None, &["restore", &backup]).ok();
    let _server = office.serve(); // at the port of its entity
    let posts = office.tent.run(&["posts"]).ok();
    assert!(
        posts.contains(id.trim_end()) && !posts.contains("later"),
        "{posts}"
    );
}

#[test]
fn a_folder_without_a_server_is_told_and_not_made() {
    let office = Office::new();
    let nothing = format!("{}-nothing", office.data);
    for order in [
        &["entities", "list"][..],
        &["entities", "remove", "https://a.example"],
        &["passphrase", "https://a.example"],
        &["backup", &nothing],
        &["check"],
    ] {
        let err = office.admin(Some("x"), order).fails_with(5);
        let what = format!("there is no server in {}", office.data);
        assert!(err.contains(&what) && err.contains("--data"), "{err}");
    }
    assert!(!fs::exists(&office.data).unwrap() && !fs::exists(&nothing).unwrap());
    fs::write(&office.data, "no folder").unwrap();
    let err = office.admin(None, &["check"]).fails_with(5);
    assert!(err.contains("could not be read"), "{err}");
    fs::remove_file(&office.data).unwrap();
    let err = office.admin(None, &["restore", &nothing]).fails_with(5);
    assert!(
        err.contains(&format!("there is no database {nothing}/tent.db")),
        "{err}"
    );
    assert!(!fs::exists(&office.data).unwrap(), "something was made");
}

#[test]
fn limits_are_set_and_told() {
    let office = Office::new();
    let arguments = [
        "--listen",
        "127.0.0.1:0",
        "--data",
        &office.data,
        "--limit",
        "77/60",
    ];
    let server = Server::start(&office.tent, &arguments);
    office.log_in(&server.entity, PASSPHRASE);
    let answer = office
        .tent
        .run(&["api", "GET", "profile", "--include"])
        .ok();
    assert!(
        answer.to_lowercase().contains("x-ratelimit-limit: 77"),
        "{answer}"
    );
    for odd in ["77", "0/60", "many"] {
        office.tent.run(&["serve", "--limit", odd]).fails_with(2);
    }
}
