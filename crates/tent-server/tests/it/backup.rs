//! Backups, made while the server runs.

use std::fs;

use rusqlite::Connection;
use tempfile::TempDir;
use tent_server::{BackupError, Database, DatabasePlace};

use crate::world::{STATUS, World};

/// A folder with databases and backups.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn place(&self, name: &str) -> DatabasePlace {
        DatabasePlace::sqlite(self.0.path().join(name))
    }

    async fn back_up(&self, from: &str, to: &str) -> Result<(), BackupError> {
        self.place(from).back_up(self.0.path().join(to)).await
    }

    async fn restore(&self, from: &str, to: &str) -> Result<(), BackupError> {
        self.place(to).restore(self.0.path().join(from)).await
    }

    async fn examine(&self, name: &str) -> Vec<String> {
        self.place(name).examine().await.unwrap()
    }
}

#[tokio::test]
async fn what_is_there_is_copied_while_it_is_used_and_restored() {
    let folder = Folder::new();
    let at = |name: &str| folder.0.path().join(name);
    let world = World::with(Database::sqlite(at("tent.db")).unwrap()).await;
    let user = world.log_in("read_posts,write_posts", STATUS).await;
    let id = world.publish(&user, "kept", false).await;
    folder.back_up("tent.db", "backup").await.unwrap();
    let later = world.publish(&user, "later", false).await;
    assert_eq!(folder.examine("tent.db").await, Vec::<String>::new());
    drop(world);

    folder.restore("backup", "again.db").await.unwrap();
    let again = World::with(Database::sqlite(at("again.db")).unwrap()).await;
    let get = async |id: &str| {
        again
            .call(Some(&user), "GET", &format!("/posts/{id}"), None)
            .await
    };
    assert_eq!(get(&id).await.ok().json()["content"]["text"], "kept");
    assert_eq!(get(&later).await.error().0, 404);
    again.publish(&user, "and it goes on", true).await;
}

#[tokio::test]
async fn files_come_along_and_are_examined() {
    let folder = Folder::new();
    let at = |name: &str| folder.0.path().join(name);
    let world = World::with(Database::sqlite(at("tent.db")).unwrap()).await;
    let user = world.log_in("read_posts,write_posts", STATUS).await;
    let files = [("photos", "pier.png", "image/png", "the pier")];
    let post = world.attach(&user, &files).await;
    folder.back_up("tent.db", "backup").await.unwrap();
    drop(world);

    folder.restore("backup", "again.db").await.unwrap();
    let again = World::with(Database::sqlite(at("again.db")).unwrap()).await;
    let path = format!(
        "/posts/{}/attachments/pier.png",
        post["id"].as_str().unwrap()
    );
    assert_eq!(again.content(&path, "image/png").await, "the pier");

    let mut files = fs::read_dir(at("backup/tent.db-attachments")).unwrap();
    let file = files.next().unwrap().unwrap().path();
    let name = file.file_name().unwrap().to_str().unwrap().to_owned();
    fs::write(&file, "another pier").unwrap();
    let damage = [format!("the file {name} is not what it was")];
    assert_eq!(folder.examine("backup/tent.db").await, damage);
    let error = folder
        .back_up("backup/tent.db", "second")
        .await
        .unwrap_err();
    assert!(
        matches!(&error, BackupError::Damaged(path, _) if *path == file),
        "{error:?}"
    );
    fs::remove_file(&file).unwrap();
    let damage = [format!("the file {name} is missing")];
    assert_eq!(folder.examine("backup/tent.db").await, damage);
    let error = folder.restore("backup", "third.db").await.unwrap_err();
    assert!(matches!(error, BackupError::Damaged(..)), "{error:?}");
    assert!(folder.back_up("backup/tent.db", "second").await.is_err());
    assert!(!at("second").exists());
}

#[tokio::test]
async fn nothing_is_written_over() {
    let folder = Folder::new();
    let at = |name: &str| folder.0.path().join(name);
    drop(Database::sqlite(at("tent.db")).unwrap());
    fs::create_dir(at("taken")).unwrap();
    let error = folder.back_up("tent.db", "taken").await.unwrap_err();
    assert!(
        matches!(&error, BackupError::Exists(path) if *path == at("taken")),
        "{error:?}"
    );
    folder.back_up("tent.db", "backup").await.unwrap();
    let error = folder.restore("backup", "tent.db").await.unwrap_err();
    assert!(
        matches!(&error, BackupError::Exists(path) if *path == at("tent.db")),
        "{error:?}"
    );
    fs::create_dir(at("other.db-attachments")).unwrap();
    let error = folder.restore("backup", "other.db").await.unwrap_err();
    assert!(
        matches!(&error, BackupError::Exists(path) if *path == at("other.db-attachments")),
        "{error:?}"
    );
    // What fails leaves nothing that could be taken for a backup.
    assert!(folder.back_up("no.db", "none").await.is_err());
    assert!(!at("none").exists() && !at("no.db").exists());
}

#[cfg(unix)]
#[tokio::test]
async fn nobody_else_can_read_a_backup() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = Folder::new();
    let at = |name: &str| folder.0.path().join(name);
    drop(Database::sqlite(at("tent.db")).unwrap());
    folder.back_up("tent.db", "backup").await.unwrap();
    for path in ["backup", "backup/tent.db"] {
        let mode = fs::metadata(at(path)).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{path}");
    }
}

#[tokio::test]
async fn damage_is_found_and_not_restored() {
    let folder = Folder::new();
    let at = |name: &str| folder.0.path().join(name);
    drop(Database::sqlite(at("tent.db")).unwrap());
    folder.back_up("tent.db", "backup").await.unwrap();
    let db = Connection::open(at("backup/tent.db")).unwrap();
    db.execute_batch(
        "PRAGMA foreign_keys = off;
         INSERT INTO sessions (id, entity_id, expires_at) VALUES (x'00', 99, 1);",
    )
    .unwrap();
    drop(db);
    let damage = ["rows of sessions refer to nothing"];
    assert_eq!(folder.examine("backup/tent.db").await, damage);
    let error = folder.restore("backup", "again.db").await.unwrap_err();
    assert!(
        matches!(&error, BackupError::Damaged(_, found) if *found == damage),
        "{error:?}"
    );
    assert!(!at("again.db").exists());
}
