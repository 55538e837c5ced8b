//! Several writers at once, and writers that are killed.

use std::env;
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use tent_store::{CredentialStore, FileStore, StoreError};

use crate::{account, entity};

const CHILD: &str = "TENT_STORE_TEST_WRITER";

/// How many accounts a writer saves.
const ACCOUNTS: usize = 20;

fn save_accounts(path: &Path, writer: &str) {
    let store = FileStore::new(path);
    for number in 0..ACCOUNTS {
        let account = account(&format!("{writer}{number}"), "k");
        store.save_account(&account).unwrap();
    }
}

/// Not a test of its own, but what the child processes of the others do.
#[test]
fn writer_process() {
    let Ok(task) = env::var(CHILD) else { return };
    let (writer, path) = task.split_once(' ').unwrap();
    if writer == "endless" {
        let store = FileStore::new(path);
        for number in 0.. {
            let name = format!("endless{}", number % 50);
            store
                .save_account(&account(&name, &"k".repeat(4096)))
                .unwrap();
            println!("saved");
        }
    }
    save_accounts(path.as_ref(), writer);
}

fn spawn_writer(writer: &str, path: &Path) -> Child {
    Command::new(env::current_exe().unwrap())
        .args(["--exact", "concurrency::writer_process", "--nocapture"])
        .env(CHILD, format!("{writer} {}", path.display()))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

#[test]
fn nothing_is_lost_between_processes_and_threads() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("credentials.json");
    let mut children = ["p", "q"].map(|writer| spawn_writer(writer, &path));
    thread::scope(|scope| {
        for writer in ["t", "u"] {
            let path = &path;
            scope.spawn(move || save_accounts(path, writer));
        }
    });
    for child in &mut children {
        assert!(child.wait().unwrap().success());
    }
    let kept = FileStore::new(&path).entities().unwrap();
    for writer in ["p", "q", "t", "u"] {
        for number in 0..ACCOUNTS {
            let entity = entity(&format!("{writer}{number}"));
            assert!(kept.contains(&entity), "{entity} is lost");
        }
    }
    assert_eq!(kept.len(), 4 * ACCOUNTS);
}

#[test]
fn a_writer_that_is_killed_leaves_a_whole_file_and_no_lock() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("credentials.json");
    for _ in 0..5 {
        let mut child = spawn_writer("endless", &path);
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        lines
            .map(Result::unwrap)
            .find(|line| line == "saved")
            .unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        let store = FileStore::new(&path);
        assert!(store.account(&entity("endless0")).unwrap().is_some());
        store.save_account(&account("alice", "k")).unwrap();
    }
    let left: Vec<_> = folder.path().read_dir().unwrap().collect();
    assert_eq!(left.len(), 2, "{left:?}"); // the file and its lock
}

#[test]
fn who_waits_too_long_for_the_lock_is_told_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("credentials.json");
    let store = FileStore::new(&path).with_patience(Duration::ZERO);
    store.save_account(&account("alice", "k")).unwrap();
    let lock = File::open(folder.path().join("credentials.json.lock")).unwrap();
    lock.lock().unwrap();
    let error = store.save_account(&account("bob", "k")).unwrap_err();
    assert!(matches!(error, StoreError::Busy { .. }), "{error:?}");
    // Reading needs no lock.
    assert_eq!(store.entities().unwrap(), [entity("alice")]);
    lock.unlock().unwrap();
    store.save_account(&account("bob", "k")).unwrap();
}
