use axum::body::Body;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use rusqlite::Connection;
use serde_json::json;
use std::error::Error as _;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use tent_server::{Database, DatabaseError, StartError, TentServer};

use crate::world::{ENTITY, ROOT, START, STATUS, TENT, World, builder};

#[tokio::test]
async fn what_was_answered_is_there_after_reopening() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("tent.db");
    let world = World::with(Database::sqlite(&file).unwrap()).await;
    let user = world.log_in("read_posts,write_posts", STATUS).await;
    let id = world.publish(&user, "durable", false).await;

    // What a crash would leave: the files as they are now, with the server still running.
    let copy = directory.path().join("copy.db");
    for suffix in ["", "-wal"] {
        let of = |file: &std::path::Path| format!("{}{suffix}", file.display());
        std::fs::copy(of(&file), of(&copy)).unwrap();
    }
    let crashed = World::with(Database::sqlite(&copy).unwrap()).await;
    crashed.wait(1);
    let post = crashed
        .call(Some(&user), "GET", &format!("/posts/{id}"), None)
        .await
        .ok()
        .json();
    assert_eq!(post["content"]["text"], "durable");

    drop(world);
    let world = World::with(Database::sqlite(&file).unwrap()).await;
    world.wait(2);
    let post = world
        .call(Some(&user), "GET", &format!("/posts/{id}"), None)
        .await
        .ok()
        .json();
    assert_eq!(post["content"]["text"], "durable");
}

#[tokio::test]
async fn a_write_is_not_replayed_even_after_reopening() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("tent.db");
    let world = World::with(Database::sqlite(&file).unwrap()).await;
    let user = world.log_in("read_posts,write_posts", STATUS).await;
    let header = world.sign(&user, "POST", "/posts");
    let post = async |world: &World| {
        let body = json!({"type": STATUS, "content": {"text": "once"}}).to_string();
        let request = world
            .request("POST", "/tent/posts")
            .header(AUTHORIZATION, &header)
            .header(CONTENT_TYPE, TENT);
        world.send(request.body(Body::from(body)).unwrap()).await
    };
    post(&world).await.ok();
    assert_eq!(
        post(&world).await.error(),
        (401, "Replayed MAC Nonce".into())
    );
    drop(world);
    let world = World::with(Database::sqlite(&file).unwrap()).await;
    assert_eq!(
        post(&world).await.error(),
        (401, "Replayed MAC Nonce".into())
    );
    world.wait(601);
    assert_eq!(
        post(&world).await.error(),
        (401, "Stale MAC Timestamp".into())
    );
    assert_eq!(
        world
            .call(Some(&user), "HEAD", "/posts", None)
            .await
            .ok()
            .header("count"),
        "1"
    );

    world.publish(&user, "later", true).await;
    world.wait(1300);
    world.publish(&user, "much later", true).await;
    drop(world);
    let stored = Connection::open(&file).unwrap();
    let oldest: i64 = stored
        .query_row("SELECT min(timestamp) FROM nonces", [], |row| row.get(0))
        .unwrap();
    assert_eq!(
        oldest,
        START + 601 + 1300,
        "nonces that cannot come back are forgotten"
    );
}

#[tokio::test]
async fn a_refused_write_leaves_its_nonce_unused() {
    let world = World::new().await;
    let user = world.log_in("write_posts", STATUS).await;
    let header = world.sign(&user, "POST", "/posts");
    let post = async |body: &str| {
        let request = world
            .request("POST", "/tent/posts")
            .header(AUTHORIZATION, &header)
            .header(CONTENT_TYPE, TENT);
        world
            .send(request.body(Body::from(body.to_owned())).unwrap())
            .await
    };
    assert_eq!(post("{}").await.error().0, 422);
    post(&json!({"type": STATUS, "content": {}}).to_string())
        .await
        .ok();
}

#[tokio::test]
async fn many_writers_at_once_are_all_heard() {
    let directory = tempfile::tempdir().unwrap();
    let world =
        Arc::new(World::with(Database::sqlite(directory.path().join("tent.db")).unwrap()).await);
    let user = world.log_in("read_posts,write_posts", STATUS).await;
    let tasks: Vec<_> = (0..100)
        .map(|number| {
            let (world, user) = (Arc::clone(&world), user.clone());
            tokio::spawn(async move { world.publish(&user, &number.to_string(), true).await })
        })
        .collect();
    let mut ids = std::collections::BTreeSet::new();
    for task in tasks {
        ids.insert(task.await.unwrap());
    }
    assert_eq!(ids.len(), 100);
    assert_eq!(world.get("/posts/count").await.ok().text(), "100");
}

#[test]
fn the_database_of_a_newer_program_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("tent.db");
    drop(Database::sqlite(&file).unwrap());
    drop(Database::sqlite(&file).unwrap());
    Connection::open(&file)
        .unwrap()
        .pragma_update(None, "user_version", 99)
        .unwrap();
    let error = Database::sqlite(&file).unwrap_err();
    assert!(
        matches!(error, DatabaseError::Newer { found: 99, .. }),
        "{error:?}"
    );
    assert!(
        error
            .to_string()
            .starts_with("the database has version 99 of the schema, ")
    );
}

#[test]
fn a_file_that_is_no_database_is_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("notes.txt");
    let text = "my notes, which are no database".repeat(20);
    std::fs::write(&file, &text).unwrap();
    let error = Database::sqlite(&file).unwrap_err();
    assert!(
        matches!(error, DatabaseError::Sqlite(_)) && error.source().is_some(),
        "{error:?}"
    );
    assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
    let missing = Database::sqlite(directory.path().join("no/such/folder.db"));
    assert!(matches!(missing, Err(DatabaseError::Open(_))));
}

#[test]
fn two_servers_do_not_share_a_file() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("tent.db");
    let first = Database::sqlite(&file).unwrap();
    let error = Database::sqlite(&file).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("another server uses the database {}", file.display())
    );
    drop(first);
    Database::sqlite(&file).unwrap();
}

#[cfg(unix)]
#[test]
fn nobody_else_can_read_the_file() {
    use std::os::unix::fs::PermissionsExt as _;
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("tent.db");
    let _open = Database::sqlite(&file).unwrap();
    for entry in std::fs::read_dir(directory.path()).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(
            entry.metadata().unwrap().permissions().mode() & 0o077,
            0,
            "{entry:?}"
        );
    }
}

#[tokio::test]
async fn the_first_start_makes_the_entity_and_later_ones_find_it() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("tent.db");
    let open = || Database::sqlite(&file).unwrap();
    let nothing = TentServer::builder().database(open()).build().await;
    assert!(matches!(nothing, Err(StartError::NoEntity)));
    let locked = TentServer::builder()
        .database(open())
        .entity(ENTITY.parse().unwrap())
        .build()
        .await;
    assert!(matches!(locked, Err(StartError::NoPassphrase)));

    let clock = Arc::new(AtomicI64::new(START));
    builder(&clock).database(open()).build().await.unwrap();
    let again = TentServer::builder()
        .database(open())
        .passphrase_with(|| panic!("it is not asked for again"));
    let again = again.root(ROOT.parse().unwrap()).build().await.unwrap();
    assert_eq!(again.entity().as_str(), ENTITY);
    drop(again);
    let other = TentServer::builder()
        .database(open())
        .entity("https://bob.example".parse().unwrap())
        .build()
        .await;
    let error = other.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the database is that of https://alice.example, not of https://bob.example"
    );

    let hash: String = Connection::open(&file)
        .unwrap()
        .query_row("SELECT passphrase FROM entities", [], |row| row.get(0))
        .unwrap();
    assert!(hash.starts_with("$argon2id$v=19$m="), "{hash}");
}

#[tokio::test]
async fn a_server_that_moves_says_so_in_the_profile() {
    let directory = tempfile::tempdir().unwrap();
    let open = || Database::sqlite(directory.path().join("tent.db")).unwrap();
    let clock = Arc::new(AtomicI64::new(START));
    for root in [ROOT, ROOT, "https://tent.alice.example"] {
        builder(&clock)
            .database(open())
            .root(root.parse().unwrap())
            .build()
            .await
            .unwrap();
    }
    let world = World::with(open()).await; // back at the first root: that is a move as well
    let profile = world.get("/profile").await.ok().json();
    let core = &profile["https://tent.io/types/info/core/v0.1.0"];
    assert_eq!(core["servers"], json!([ROOT]));
    assert_eq!(core["version"], 3);
}

#[tokio::test]
async fn an_entity_whose_page_would_hide_the_api_is_refused() {
    for (entity, root) in [
        ("https://alice.example/profile", "https://alice.example"),
        ("https://alice.example/a/posts", "https://alice.example/a/"),
    ] {
        let server = TentServer::builder()
            .entity(entity.parse().unwrap())
            .root(root.parse().unwrap())
            .passphrase("x");
        let error = server.build().await.unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("the page of {entity} is where the API has something else")
        );
    }
}
