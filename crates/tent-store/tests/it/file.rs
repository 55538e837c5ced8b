//! The file: its permissions, and what happens when it is not as it should be.

use std::error::Error as _;
use std::fs;
use std::path::Path;

use tent_store::{CredentialStore, FileStore, StoreError};

use crate::{account, entity, registration};

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

/// A store whose file has this text.
fn store_of(folder: &Path, text: &str) -> FileStore {
    let path = folder.join("credentials.json");
    fs::write(&path, text).unwrap();
    #[cfg(unix)]
    set_mode(&path, 0o600);
    FileStore::new(path)
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_file_that_is_not_there_is_an_empty_store_and_reading_makes_none() {
    let folder = folder();
    let store = FileStore::new(folder.path().join("tent/credentials.json"));
    assert_eq!(store.entities().unwrap(), []);
    assert_eq!(store.account(&entity("alice")).unwrap(), None);
    assert_eq!(store.default_entity().unwrap(), None);
    assert!(!store.remove(&entity("alice")).unwrap());
    assert!(store.set_default_entity(&entity("alice")).is_err());
    assert!(!folder.path().join("tent").exists());
}

#[cfg(unix)]
#[test]
fn file_lock_and_folder_are_for_the_owner_alone() {
    let folder = folder();
    let path = folder.path().join("a/b/credentials.json");
    let store = FileStore::new(&path);
    store.save_account(&account("alice", "k")).unwrap();
    assert_eq!(mode(&path), 0o600);
    assert_eq!(
        mode(&folder.path().join("a/b/credentials.json.lock")),
        0o600
    );
    assert_eq!(mode(&folder.path().join("a")), 0o700);
    assert_eq!(mode(&folder.path().join("a/b")), 0o700);
    store.save_account(&account("bob", "k")).unwrap();
    assert_eq!(mode(&path), 0o600);
}

#[cfg(unix)]
#[test]
fn a_file_open_to_others_is_refused_and_left_alone() {
    let folder = folder();
    let path = folder.path().join("credentials.json");
    let store = FileStore::new(&path);
    store.save_account(&account("alice", "k")).unwrap();
    let before = fs::read(&path).unwrap();
    for open in [0o644, 0o620, 0o604, 0o660] {
        set_mode(&path, open);
        for error in [
            store.account(&entity("alice")).unwrap_err(),
            store.save_account(&account("bob", "k")).unwrap_err(),
        ] {
            assert!(
                matches!(error, StoreError::Exposed { mode, .. } if mode == open),
                "{error:?}"
            );
            assert_eq!(
                error.advice().unwrap(),
                format!("chmod 600 {}", path.display())
            );
        }
    }
    set_mode(&path, 0o400);
    assert!(store.account(&entity("alice")).unwrap().is_some());
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn a_damaged_file_is_reported_and_never_overwritten() {
    for (text, place) in [
        ("", "the file is not JSON at line 1, column 0"),
        (
            "{\"format\":1,",
            "the file is not JSON at line 1, column 12",
        ),
        ("\0\0\0\0", "the file is not JSON at line 1, column 1"),
        ("[\"5ecret\"]", "the file is not what it should be"),
        ("{\"entities\":{}}", "it names no format"),
        (
            "{\"format\":\"5ecret\"}",
            "the format is not what it should be",
        ),
        (
            "{\"format\":1,\"default\":[\"5ecret\"]}",
            "the default is not what it should be",
        ),
        (
            "{\"format\":1,\"entities\":{\"https://a.example\":\"5ecret\"}}",
            "the entities is not what it should be",
        ),
    ] {
        let folder = folder();
        let store = store_of(folder.path(), text);
        for error in [
            store.entities().unwrap_err(),
            store
                .save_registration(&registration("alice", "k"))
                .unwrap_err(),
            store.save_account(&account("alice", "k")).unwrap_err(),
            store.remove(&entity("alice")).unwrap_err(),
            store.set_default_entity(&entity("alice")).unwrap_err(),
        ] {
            let StoreError::Corrupt { place: found, .. } = &error else {
                panic!("{text}: {error:?}");
            };
            assert_eq!(found, place, "{text}");
            let shown = format!(
                "{error} {error:?} {:?} {:?}",
                error.source(),
                error.advice()
            );
            assert!(!shown.contains("5ecret"), "{shown}");
        }
        assert_eq!(fs::read_to_string(store.path()).unwrap(), text);
    }
}

#[test]
fn a_damaged_account_does_not_hide_the_others_nor_shows_its_key() {
    let folder = folder();
    let store = store_of(folder.path(), "{\"format\":1,\"entities\":{}}");
    store.save_account(&account("alice", "k")).unwrap();
    let text = fs::read_to_string(store.path()).unwrap();
    let bob =
        "\"https://bob.example\": {\"account\": {\"credentials\": \"5ecret\"}}, \"https://alice";
    store_of(folder.path(), &text.replacen("\"https://alice", bob, 1));
    assert_eq!(store.entities().unwrap(), [entity("alice"), entity("bob")]);
    assert!(store.account(&entity("alice")).unwrap().is_some());
    let error = store.account(&entity("bob")).unwrap_err();
    assert!(
        error
            .to_string()
            .ends_with("damaged: account is not what it should be"),
        "{error}"
    );
    assert!(!format!("{error:?}").contains("5ecret"));
}

#[test]
fn a_newer_format_is_reported_and_never_overwritten() {
    let folder = folder();
    let text = "{\"format\":2,\"vault\":true}";
    let store = store_of(folder.path(), text);
    let error = store.save_account(&account("alice", "k")).unwrap_err();
    assert!(
        matches!(error, StoreError::Newer { format: 2, .. }),
        "{error:?}"
    );
    assert_eq!(fs::read_to_string(store.path()).unwrap(), text);
}

#[test]
fn members_of_a_newer_version_are_kept_with_their_text() {
    let folder = folder();
    let text =
        r#"{"format":1,"color":1.50,"entities":{"https://bob.example":{"seen":[1e3, "x"]}}}"#;
    let store = store_of(folder.path(), text);
    store.save_registration(&registration("bob", "k")).unwrap();
    store.save_account(&account("alice", "k")).unwrap();
    store.set_default_entity(&entity("bob")).unwrap();
    let after = fs::read_to_string(store.path()).unwrap();
    assert!(after.contains("\"color\": 1.50"), "{after}");
    assert!(after.contains("\"seen\": [1e3, \"x\"]"), "{after}");
    assert_eq!(
        store.registration(&entity("bob")).unwrap(),
        Some(registration("bob", "k"))
    );
}

#[cfg(unix)]
#[test]
fn a_symbolic_link_stays_one() {
    let folder = folder();
    let real = folder.path().join("dotfiles");
    fs::create_dir(&real).unwrap();
    let store = store_of(&real, "{\"format\":1}");
    let link = folder.path().join("credentials.json");
    std::os::unix::fs::symlink(store.path(), &link).unwrap();
    let linked = FileStore::new(&link);
    linked.save_account(&account("alice", "k")).unwrap();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(store.entities().unwrap(), [entity("alice")]);
}

#[test]
fn a_folder_that_cannot_be_made_is_reported() {
    let folder = folder();
    fs::write(folder.path().join("tent"), "a file").unwrap();
    let store = FileStore::new(folder.path().join("tent/credentials.json"));
    let error = store.save_account(&account("alice", "k")).unwrap_err();
    assert!(matches!(error, StoreError::Write { .. }), "{error:?}");
    assert!(matches!(
        store.entities().unwrap_err(),
        StoreError::Read { .. }
    ));
}
