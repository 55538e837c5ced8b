//! What is so with SQLite alone: its files and its tables.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use http::StatusCode;
use rusqlite::Connection;
use serde_json::json;
use tent_server::Database;

use crate::browser::Browser;
use crate::form::files;
use crate::hosting::{ALICE, BOB, Town};
use crate::monitor::ask;
use crate::profile::BASIC;
use crate::world::{CALLBACK, PASSPHRASE, START, STATUS, World, builder, credentials, encoded};

#[tokio::test]
async fn entities_come_and_go_while_it_runs() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("tent.db");
    let town = Town::with(Database::sqlite(&file).unwrap(), &[ALICE]).await;
    assert_eq!(town.world(BOB).get("/profile").await.error().0, 404);
    town.host
        .create(BOB.parse().unwrap(), PASSPHRASE)
        .await
        .unwrap();
    let bob = town.world(BOB);
    let user = bob
        .log_in("read_posts,write_posts,write_groups,write_profile", STATUS)
        .await;
    bob.publish(&user, "soon gone", true).await;
    bob.call(
        Some(&user),
        "POST",
        "/groups",
        Some(json!({"name": "Friends"})),
    )
    .await
    .ok();
    assert!(
        town.host
            .server(&BOB.parse().unwrap())
            .await
            .unwrap()
            .is_some()
    );

    assert!(town.host.remove(&BOB.parse().unwrap()).await.unwrap());
    assert!(!town.host.remove(&BOB.parse().unwrap()).await.unwrap());
    assert_eq!(bob.get("/profile").await.error().0, 404);
    assert_eq!(
        town.world(ALICE).get("/profile").await.status,
        StatusCode::OK
    );
    assert_eq!(
        town.host.entities().await.unwrap(),
        [ALICE.parse().unwrap()]
    );

    // Whoever comes next under that name finds nothing of it.
    town.host
        .create(BOB.parse().unwrap(), PASSPHRASE)
        .await
        .unwrap();
    let refused = bob.call(Some(&user), "GET", "/posts", None).await;
    assert_eq!(refused.error(), (401, "Invalid MAC Key ID".into()));
    assert_eq!(bob.get("/posts/count").await.ok().text(), "0");
    town.host.remove(&BOB.parse().unwrap()).await.unwrap();
    drop((town, bob));

    // Nothing that belongs to an entity is left of it.
    let db = Connection::open(&file).unwrap();
    let mut tables = db
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'table'")
        .unwrap();
    let tables = tables.query_map([], |row| row.get::<_, String>(0)).unwrap();
    for table in tables.map(Result::unwrap) {
        let columns =
            format!("SELECT count(*) FROM pragma_table_info('{table}') WHERE name = 'entity_id'");
        let owned: u32 = db.query_row(&columns, [], |row| row.get(0)).unwrap();
        if owned > 0 {
            let left = format!("SELECT count(*) FROM {table} WHERE entity_id <> 1");
            let left: u32 = db.query_row(&left, [], |row| row.get(0)).unwrap();
            assert_eq!(left, 0, "{table}");
        }
    }
    let keys = "SELECT group_concat(id) FROM removed_entities";
    let keys: String = db.query_row(keys, [], |row| row.get(0)).unwrap();
    assert_eq!(keys, "2,3", "no key is given twice");
    let faults = db
        .prepare("PRAGMA foreign_key_check")
        .unwrap()
        .exists([])
        .unwrap();
    assert!(!faults, "nothing refers to what is gone");
}

#[tokio::test]
async fn what_a_crash_left_of_a_removed_entity_goes_after_the_next_start() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("tent.db");
    let town = Town::with(Database::sqlite(&file).unwrap(), &[ALICE, BOB]).await;
    let user = town.world(BOB).log_in("write_posts", STATUS).await;
    town.world(BOB).publish(&user, "left", true).await;
    drop(town);
    let db = Connection::open(&file).unwrap();
    db.execute_batch(
        "INSERT INTO removed_entities VALUES (2);
         UPDATE entities SET entity = 'removed:2' WHERE id = 2",
    )
    .unwrap();

    let town = Town::with(Database::sqlite(&file).unwrap(), &[]).await;
    assert_eq!(town.world(BOB).get("/profile").await.error().0, 404);
    let left = || {
        let count = "SELECT (SELECT count(*) FROM entities) + (SELECT count(*) FROM posts WHERE entity_id = 2)";
        db.query_row(count, [], |row| row.get::<_, u32>(0)).unwrap()
    };
    for _ in 0..10_000 {
        // Whoever is asked now stands behind it.
        assert_eq!(town.host.entities().await.unwrap().len(), 1);
        if left() == 1 {
            break;
        }
    }
    assert_eq!(left(), 1);
}

#[tokio::test]
async fn private_sections_are_seen_with_the_scope_and_the_type() {
    const CURSOR: &str = "https://tent.io/types/info/cursor/v0.1.0";
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("tent.db");
    let world = World::with(Database::sqlite(&file).unwrap()).await;
    let stored = Connection::open(&file).unwrap();
    let base = CURSOR.trim_end_matches("/v0.1.0");
    stored
        .execute(
            "INSERT INTO profile_sections (entity_id, type_base, version, type, public, content, updated_at)
             VALUES (1, ?1, 1, ?2, 0, '{\"mentions\":{}}', 0)",
            (base, CURSOR),
        )
        .unwrap();

    let path = format!("/profile/{}", encoded(CURSOR));
    assert_eq!(world.get(&path).await.error().0, 404);
    for (scope, types, sees) in [
        ("read_profile", "all", true),
        (
            "write_profile",
            "https://tent.io/types/info/cursor/v0.2.0",
            true,
        ),
        ("read_profile", BASIC, false),
        ("read_posts", "all", false),
    ] {
        let app = world.register().await;
        let query = format!(
            "{}&scope={scope}&tent_profile_info_types={}",
            app.query(CALLBACK),
            encoded(types)
        );
        let mut browser = Browser::default();
        browser.sign_in(&world, &query).await;
        let code = browser.approve(&world, &query).await;
        let user = credentials(
            &world.exchange(&app, &code).await.ok().json(),
            "access_token",
        );
        let profile = world
            .call(Some(&user), "GET", "/profile", None)
            .await
            .ok()
            .json();
        assert_eq!(profile.get(CURSOR).is_some(), sees, "{scope} {types}");
        let section = world.call(Some(&user), "GET", &path, None).await;
        assert_eq!(
            section.status,
            if sees { 200 } else { 404 },
            "{scope} {types}"
        );
        if sees {
            assert_eq!(
                section.json(),
                json!({"mentions": {}, "permissions": {"public": false}, "version": 1})
            );
        }
    }
}

#[tokio::test]
async fn without_its_database_a_server_is_not_ready() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tent.db");
    let clock = Arc::new(AtomicI64::new(START));
    let database = Database::sqlite(&file).unwrap();
    let server = builder(&clock).database(database).build().await.unwrap();
    let monitor = server.monitor();
    assert_eq!(ask(&monitor, "/readyz").await.0, StatusCode::OK);
    let breaking = Connection::open(&file).unwrap();
    breaking
        .execute_batch("PRAGMA foreign_keys = OFF; ALTER TABLE entities RENAME TO lost")
        .unwrap();
    assert_eq!(ask(&monitor, "/readyz").await.0, 503);
    assert_eq!(ask(&monitor, "/healthz").await.0, StatusCode::OK);
}

#[tokio::test]
async fn what_was_answered_has_its_files_after_a_crash_and_nothing_else_is_left() {
    let directory = tempfile::tempdir().unwrap();
    let (before, after) = (
        directory.path().join("before"),
        directory.path().join("after"),
    );
    std::fs::create_dir(&before).unwrap();
    let world = World::with(Database::sqlite(before.join("tent.db")).unwrap()).await;
    let user = world.log_in("write_posts", STATUS).await;
    let post = world
        .attach(&user, &[("a", "a", "text/plain", "abc")])
        .await;
    copy(&before, &after);
    let folder = after.join("tent.db-attachments");
    let stored = files(&folder);
    assert_eq!(stored.len(), 1);
    // Whose post was never stored; what was on its way; what is somebody else's.
    for name in ["0".repeat(64), "incoming-x".to_owned(), "notes".to_owned()] {
        std::fs::write(folder.join(name), "x").unwrap();
    }

    let world = World::with(Database::sqlite(after.join("tent.db")).unwrap()).await;
    let path = format!("/posts/{}/attachments/a", post["id"].as_str().unwrap());
    assert_eq!(world.content(&path, "text/plain").await, "abc");
    let mut left = files(&folder);
    left.sort();
    assert_eq!(left, [stored[0].as_str(), "notes"]);
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}
