//! Backups, made while the server runs.

use std::fs;

use rusqlite::Connection;
use tent_server::{BackupError, Database, DatabasePlace};

use crate::world::{STATUS, World};

#[tokio::test]
async fn what_is_there_is_copied_while_it_is_used_and_restored() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    let world = World::with(Database::sqlite(at("tent.db")).unwrap()).await;
    let user = world.log_in("read_posts,write_posts", STATUS).await;
    let id = world.publish(&user, "kept", false).await;
    DatabasePlace::sqlite(at("tent.db"))
        .back_up(at("backup"))
        .await
        .unwrap();
    let later = world.publish(&user, "later", false).await;
    assert_eq!(
        DatabasePlace::sqlite(at("tent.db"))
            .examine()
            .await
            .unwrap(),
        Vec::<String>::new()
    );
    drop(world);

    DatabasePlace::sqlite(at("again.db"))
        .restore(at("backup"))
        .await
        .unwrap();
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
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    let world = World::with(Database::sqlite(at("tent.db")).unwrap()).await;
    let user = world.log_in("read_posts,write_posts", STATUS).await;
    let files = [("photos", "pier.png", "image/png", "the pier")];
    let post = world.attach(&user, &files).await;
    DatabasePlace::sqlite(at("tent.db"))
        .back_up(at("backup"))
        .await
        .unwrap();
    drop(world);

    DatabasePlace::sqlite(at("again.db"))
        .restore(at("backup"))
        .await
        .unwrap();
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
    assert_eq!(
        DatabasePlace::sqlite(at("backup/tent.db"))
            .examine()
            .await
            .unwrap(),
        damage
    );
    fs::remove_file(&file).unwrap();
    let damage = [format!("the file {name} is missing")];
    assert_eq!(
        DatabasePlace::sqlite(at("backup/tent.db"))
            .examine()
            .await
            .unwrap(),
        damage
    );
    let error = DatabasePlace::sqlite(at("third.db"))
        .restore(at("backup"))
        .await
        .unwrap_err();
    assert!(matches!(error, BackupError::Damaged(..)), "{error:?}");
    // And what has lost a file is no backup.
    assert!(
        DatabasePlace::sqlite(at("backup/tent.db"))
            .back_up(at("second"))
            .await
            .is_err()
    );
    assert!(!at("second").exists());
}

#[tokio::test]
async fn nothing_is_written_over() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    drop(Database::sqlite(at("tent.db")).unwrap());
    fs::create_dir(at("taken")).unwrap();
    let error = DatabasePlace::sqlite(at("tent.db"))
        .back_up(at("taken"))
        .await
        .unwrap_err();
    assert!(
        matches!(&error, BackupError::Exists(path) if *path == at("taken")),
        "{error:?}"
    );
    DatabasePlace::sqlite(at("tent.db"))
        .back_up(at("backup"))
        .await
        .unwrap();
    let error = DatabasePlace::sqlite(at("tent.db"))
        .restore(at("backup"))
        .await
        .unwrap_err();
    assert!(
        matches!(&error, BackupError::Exists(path) if *path == at("tent.db")),
        "{error:?}"
    );
    // What fails leaves nothing that could be taken for a backup.
    assert!(
        DatabasePlace::sqlite(at("no.db"))
            .back_up(at("none"))
            .await
            .is_err()
    );
    assert!(!at("none").exists() && !at("no.db").exists());
}

#[cfg(unix)]
#[tokio::test]
async fn nobody_else_can_read_a_backup() {
    use std::os::unix::fs::PermissionsExt as _;
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    drop(Database::sqlite(at("tent.db")).unwrap());
    DatabasePlace::sqlite(at("tent.db"))
        .back_up(at("backup"))
        .await
        .unwrap();
    for path in ["backup", "backup/tent.db"] {
        let mode = fs::metadata(at(path)).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{path}");
    }
}

#[tokio::test]
async fn damage_is_found_and_not_restored() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    drop(Database::sqlite(at("tent.db")).unwrap());
    DatabasePlace::sqlite(at("tent.db"))
        .back_up(at("backup"))
        .await
        .unwrap();
    let db = Connection::open(at("backup/tent.db")).unwrap();
    db.execute_batch(
        "PRAGMA foreign_keys = off;
         INSERT INTO sessions (id, entity_id, expires_at) VALUES (x'00', 99, 1);",
    )
    .unwrap();
    drop(db);
    let damage = ["rows of sessions refer to nothing"];
    assert_eq!(
        DatabasePlace::sqlite(at("backup/tent.db"))
            .examine()
            .await
            .unwrap(),
        damage
    );
    let error = DatabasePlace::sqlite(at("again.db"))
        .restore(at("backup"))
        .await
        .unwrap_err();
    assert!(
        matches!(&error, BackupError::Damaged(_, found) if *found == damage),
        "{error:?}"
    );
    assert!(!at("again.db").exists());
}
