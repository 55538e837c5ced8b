//! `tent serve`, and the whole path as separate processes.
#![cfg(unix)]

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;

use serde_json::Value;

use crate::peer::open;
use crate::server::{Browser, PASSPHRASE, Server};
use crate::tent::Tent;

fn data(folder: &tempfile::TempDir) -> String {
    folder.path().join("data").to_str().unwrap().to_owned()
}

#[test]
fn a_person_does_it_all_with_processes_of_their_own() {
    let (tent, folder) = (Tent::new(), tempfile::tempdir().unwrap());
    let data = data(&folder);
    let arguments = ["--listen", "127.0.0.1:0", "--data", &data];
    let server = Server::start(&tent, &arguments);
    let entity = server.entity.clone();
    assert!(entity.starts_with("http://127.0.0.1:"), "{entity}");

    let login = tent.begin_login(&[&entity]);
    let back = Browser::default().decide(&login.url, PASSPHRASE, "approve");
    assert!(open(&back).contains("Thank you."));
    let ran = login.end();
    assert_eq!(
        (ran.code, ran.out),
        (0, format!("logged in {entity}\n")),
        "{}",
        ran.err
    );

    let id = tent.run(&["post", "Hello", "--public"]).ok();
    let id = id.trim_end();
    let list = tent.run(&["posts", "--all"]).ok();
    assert!(
        list.ends_with(&format!("  {entity}  Hello  {id}\n")),
        "{list}"
    );
    assert_eq!(tent.run(&["posts", "--count"]).ok(), "1\n");
    assert!(tent.run(&["show", id]).ok().ends_with("\nHello\n"));
    assert!(tent.run(&["profile"]).ok().contains(&entity));
    let answer = tent.run(&["api", "GET", &format!("posts/{id}")]).ok();
    assert_eq!(serde_json::from_str::<Value>(&answer).unwrap()["id"], id);

    // Another start serves the same entity at the same address, and the approval still stands.
    let (status, err) = server.stop("TERM");
    assert_eq!((status.code(), err.as_str()), (Some(0), ""));
    let server = Server::start(&tent, &arguments);
    assert_eq!(server.entity, entity);
    assert!(tent.run(&["posts"]).ok().contains("Hello"));

    // A second login updates the registration; the person is asked again.
    let login = tent.begin_login(&[&entity]);
    let back = Browser::default().decide(&login.url, PASSPHRASE, "deny");
    assert!(open(&back).contains("not approved"));
    login.end().fails_with(1);
    assert!(tent.run(&["posts"]).ok().contains("Hello"));

    let stored = tent.stored();
    assert_eq!(tent.run(&["logout"]).ok(), format!("logged out {entity}\n"));
    tent.run(&["posts"]).fails_with(3);
    // What was revoked is dead, for whoever kept it too.
    fs::write(tent.credentials(), stored).unwrap();
    let err = tent.run(&["posts"]).fails_with(3);
    assert!(err.contains("dead") && err.contains("tent login"), "{err}");
    let (status, _) = server.stop("INT");
    assert_eq!(status.code(), Some(0));
}

#[test]
fn what_is_kept_is_for_the_owner_alone() {
    let (tent, folder) = (Tent::new(), tempfile::tempdir().unwrap());
    let data = data(&folder);
    let _server = Server::start(&tent, &["--listen", "127.0.0.1:0", "--data", &data]);
    let mode = |path: &str| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&data), 0o700);
    assert_eq!(mode(&format!("{data}/tent.db")), 0o600);
}

#[test]
fn a_passphrase_is_made_up_and_shown_once() {
    let (tent, folder) = (Tent::new(), tempfile::tempdir().unwrap());
    let data = data(&folder);
    let arguments = ["serve", "--listen", "127.0.0.1:0", "--data", &data];
    let server = Server::spawn(tent.command(&arguments));
    let login = tent.begin_login(&[&server.entity]);
    let url = login.url.clone();
    let (_, err) = server.stop("TERM");
    let passphrase = err
        .lines()
        .find_map(|line| line.strip_prefix("passphrase "));
    let passphrase = passphrase.unwrap().to_owned();
    assert!(passphrase.len() >= 16, "{err}");

    let server = Server::spawn(tent.command(&arguments));
    let back = Browser::default().decide(&url, &passphrase, "approve");
    open(&back);
    assert_eq!(login.end().code, 0);
    let (_, err) = server.stop("TERM");
    assert_eq!(err, "");
}

#[test]
fn a_passphrase_can_be_in_a_file() {
    let (tent, folder) = (Tent::new(), tempfile::tempdir().unwrap());
    let data = data(&folder);
    let file = folder.path().join("passphrase");
    let file = file.to_str().unwrap();
    let arguments = [
        "--listen",
        "127.0.0.1:0",
        "--data",
        &data,
        "--passphrase-file",
        file,
    ];
    let serve = [&["serve"], &arguments[..]].concat();
    tent.run(&serve).fails_with(5);
    fs::write(file, "\n").unwrap();
    tent.run(&serve).fails_with(2);
    fs::write(file, "from the file\n").unwrap();
    let server = Server::start(&tent, &arguments);
    let login = tent.begin_login(&[&server.entity]);
    open(&Browser::default().decide(&login.url, "from the file", "approve"));
    assert_eq!(login.end().code, 0);
}

#[test]
fn what_is_in_flight_is_finished() {
    let (tent, folder) = (Tent::new(), tempfile::tempdir().unwrap());
    let data = data(&folder);
    let server = Server::start(&tent, &["--listen", "127.0.0.1:0", "--data", &data]);
    let address = server.entity.strip_prefix("http://").unwrap().to_owned();
    let mut stream = TcpStream::connect(&address).unwrap();
    let body =
        r#"{"name":"x","url":"http://x","redirect_uris":["http://127.0.0.1/x"],"scopes":{}}"#;
    write!(
        stream,
        "POST /apps HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\nExpect: 100-continue\r\n\
         Content-Length: {}\r\n\r\n",
        body.len()
    )
    .unwrap();
    // That it asks for the body says that it is at it.
    let mut asked = [0; 25];
    stream.read_exact(&mut asked).unwrap();
    assert_eq!(&asked, b"HTTP/1.1 100 Continue\r\n\r\n");
    let stopping = std::thread::spawn(move || server.stop("TERM"));
    while TcpStream::connect(&address).is_ok() {
        std::thread::yield_now(); // until it takes no more
    }
    stream.write_all(body.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(
        answer.starts_with("HTTP/1.1 200 ") && answer.contains("mac_key"),
        "{answer}"
    );
    assert_eq!(stopping.join().unwrap().0.code(), Some(0));
}

#[test]
fn what_cannot_be_served_is_told() {
    let (tent, folder) = (Tent::new(), tempfile::tempdir().unwrap());
    let data = data(&folder);
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    for (arguments, code, told) in [
        (&["--listen", "0.0.0.0:0"][..], 2, "https"),
        (&["--listen", "0.0.0.0:0", "--insecure"], 2, "--entity"),
        (
            &[
                "--listen",
                "127.0.0.1:0",
                "--entity",
                "http://alice.example",
            ],
            2,
            "--insecure",
        ),
        (&["--listen", "nowhere"], 2, "--listen"),
        (
            &["--database", "host=/nowhere/at/all user=tent"],
            5,
            "database could not be",
        ),
        (&["--listen", &taken], 5, "--listen"),
    ] {
        let arguments = [&["serve", "--data", &data], arguments].concat();
        let err = tent.run(&arguments).fails_with(code);
        assert!(err.contains(told), "{arguments:?}: {err}");
    }
    let named = [
        "--listen",
        "127.0.0.1:0",
        "--data",
        &data,
        "--entity",
        "https://alice.example",
    ];
    let server = Server::start(&tent, &named);
    assert_eq!(server.entity, "https://alice.example");
    server.stop("TERM");
    let other = [
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--data",
        &data,
        "--entity",
        "https://bob.example",
    ];
    let err = tent.run(&other).fails_with(2);
    assert!(err.contains("https://alice.example"), "{err}");
}
