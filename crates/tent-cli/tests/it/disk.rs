//! A disk that is full, a folder that is none, a file that is damaged.
#![cfg(unix)]

use std::fs;
use std::process::Command;

use crate::peer::open;
use crate::reference::Reference;
use crate::tent::{Ran, Tent};

/// The program, on a disk that takes nothing more.
fn on_a_full_disk(tent: &Tent, arguments: &[&str]) -> Command {
    let inner = tent.command(arguments);
    let mut outer = Command::new("/bin/sh");
    outer
        .args(["-c", "trap '' XFSZ; ulimit -f 0; exec \"$@\"", "sh"])
        .arg(inner.get_program())
        .args(arguments)
        .env_clear();
    for (name, value) in inner.get_envs() {
        outer.env(name, value.unwrap());
    }
    outer
}

#[test]
fn a_full_disk_is_reported_and_leaves_what_was_stored() {
    let (alice, bob) = (Reference::start(), Reference::start());
    let tent = Tent::new();
    alice.log_in(&tent, &[]);
    bob.log_in(&tent, &[]);
    let before = tent.stored();
    let ran: Ran = on_a_full_disk(&tent, &["use", &bob.url()])
        .output()
        .unwrap()
        .into();
    let err = ran.fails_with(5);
    assert!(
        err.contains("could not be changed") && err.contains("because"),
        "{err}"
    );
    // A login ends when it cannot save the registration, before anybody is asked to approve.
    let carol = Reference::start();
    let login = ["login", "--no-browser", &carol.url()].map(str::to_owned);
    let login: Vec<&str> = login.iter().map(String::as_str).collect();
    let ran: Ran = on_a_full_disk(&tent, &login).output().unwrap().into();
    assert!(!ran.fails_with(5).contains("open "));
    assert_eq!(tent.stored(), before);
    let left = fs::read_dir(tent.credentials().parent().unwrap()).unwrap();
    assert_eq!(left.count(), 2, "the file and its lock");
}

#[test]
fn a_full_standard_output_is_reported() {
    let server = Reference::start();
    let tent = Tent::new();
    server.log_in(&tent, &[]);
    let Ok(full) = fs::File::options().write(true).open("/dev/full") else {
        return; // not on every system
    };
    let output = tent.command(&["accounts"]).stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(5));
}

#[test]
fn a_damaged_or_open_file_is_reported_and_never_overwritten() {
    use std::os::unix::fs::PermissionsExt as _;
    let server = Reference::start();
    let (tent, url) = (Tent::new(), server.url());
    server.log_in(&tent, &[]);
    let set_mode = |mode| {
        fs::set_permissions(tent.credentials(), fs::Permissions::from_mode(mode)).unwrap();
    };
    set_mode(0o644);
    let failure = tent.run(&["posts", "--json"]).failure(5);
    assert!(
        failure["hint"].as_str().unwrap().starts_with("chmod 600 "),
        "{failure}"
    );
    set_mode(0o600);
    fs::write(tent.credentials(), "{\"format\":1,\"user-key-5ecret").unwrap();
    for arguments in [
        &["posts"][..],
        &["accounts"],
        &["use", &url],
        &["logout"],
        &["login", "--no-browser", &url],
    ] {
        let err = tent.run(arguments).fails_with(5);
        assert!(err.contains("damaged") && !err.contains("5ecret"), "{err}");
    }
    assert_eq!(tent.stored(), b"{\"format\":1,\"user-key-5ecret");
}

#[test]
fn a_folder_that_cannot_be_made_is_reported() {
    let server = Reference::start();
    let tent = Tent::new();
    fs::write(tent.credentials().parent().unwrap(), "a file").unwrap();
    let err = tent
        .run(&["login", "--no-browser", &server.url()])
        .fails_with(5);
    assert!(err.contains("credentials.json"), "{err}");
}

#[test]
fn what_cannot_be_saved_after_the_approval_leaves_the_account_as_it_was() {
    let server = Reference::start();
    let (tent, url) = (Tent::new(), server.url());
    server.log_in(&tent, &[]);
    let before = tent.stored();
    let login = tent.begin_login(&[&url]);
    // Where the new file would be made, no file can be made any more.
    let folder = tent.credentials().parent().unwrap().to_owned();
    let aside = folder.with_extension("aside");
    fs::rename(&folder, &aside).unwrap();
    fs::write(&folder, "a file").unwrap();
    open(&login.redirect("code=code-5ecret&state={state}"));
    login.end().fails_with(5);
    fs::remove_file(&folder).unwrap();
    fs::rename(&aside, &folder).unwrap();
    assert_eq!(tent.stored(), before);
}
