//! Many servers on one database, and a database that goes away.

use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use axum::body::Body;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use serde_json::json;
use tent_server::{Database, DatabaseError};
use tent_testkit::postgres::Cluster;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::browser::Browser;
use crate::form::{FORM, file, form, post_part, status};
use crate::neighbour::{self, Neighbour};
use crate::store::{Kept, cluster};
use crate::world::{CALLBACK, ENTITY, START, STATUS, TENT, World, builder, encoded};

/// Two servers of one entity.
async fn two() -> (Kept, World, World) {
    let kept = Kept::new();
    let one = World::with(kept.open().await).await;
    let other = World::with(kept.open().await).await;
    for _ in 0..1_000 {
        other.nonce(); // so that none is used at both
    }
    (kept, one, other)
}

#[tokio::test]
async fn what_one_server_wrote_the_other_reads() {
    let (_kept, one, other) = two().await;
    let user = one.log_in("read_posts,write_posts", "all").await;
    let id = one.publish(&user, "hello", false).await;
    let post = other
        .call(Some(&user), "GET", &format!("/posts/{id}"), None)
        .await;
    assert_eq!(post.ok().json()["content"]["text"], "hello");
    // Its files are in the folder that both have.
    let parts = [
        post_part(&status("with a file")),
        file("f", "a.txt", "text/plain", "abc"),
    ];
    let target = ("POST", "/posts");
    let sent = one.send_form(Some(&user), target, FORM, form(&parts)).await;
    let id = sent.ok().json()["id"].as_str().unwrap().to_owned();
    let path = format!("/posts/{id}/attachments/a.txt");
    let request = other
        .request("GET", &other.target(&path))
        .header("accept", "text/plain")
        .header(AUTHORIZATION, other.sign(&user, "GET", &path));
    let answer = other.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.ok().text(), "abc");
}

#[tokio::test]
async fn a_write_that_one_server_took_is_not_replayed_at_another() {
    let (_kept, one, other) = two().await;
    let user = one.log_in("read_posts,write_posts", STATUS).await;
    let header = one.sign(&user, "POST", "/posts");
    let post = async |world: &World| {
        let body = json!({"type": STATUS, "content": {"text": "once"}}).to_string();
        let request = world
            .request("POST", "/tent/posts")
            .header(AUTHORIZATION, &header)
            .header(CONTENT_TYPE, TENT);
        world.send(request.body(Body::from(body)).unwrap()).await
    };
    post(&one).await.ok();
    let replayed = (401, "Replayed MAC Nonce".into());
    assert_eq!(post(&other).await.error(), replayed);
}

#[tokio::test]
async fn who_signed_in_at_one_server_is_signed_in_at_the_other_until_it_ends() {
    let (_kept, one, other) = two().await;
    let app = one.register().await;
    let query = format!("{}&scope=read_posts", app.query(CALLBACK));
    let mut browser = Browser::default();
    browser.sign_in(&one, &query).await;
    let code = browser.approve(&other, &query).await;
    one.exchange(&app, &code).await.ok();
    let again = other.exchange(&app, &code).await;
    assert_eq!(again.status.as_u16(), 403, "a code is used up for both");
}

/// Keys are given before posts are seen. If they were seen in another order, whoever asks for what is
/// newer than the newest would miss some.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_follows_a_list_while_two_servers_write_misses_nothing() {
    let (_kept, one, other) = two().await;
    let user = one.log_in("read_posts,write_posts", STATUS).await;
    let mut newest = one.publish(&user, "first", true).await;
    let (one, other) = (Arc::new(one), Arc::new(other));
    let tasks: Vec<_> = (0..80)
        .map(|number| {
            let world = if number % 2 == 0 { &one } else { &other };
            let (world, user) = (Arc::clone(world), user.clone());
            tokio::spawn(async move { world.publish(&user, &number.to_string(), true).await })
        })
        .collect();
    let mut met = Vec::new();
    loop {
        let is_all = tasks.iter().all(JoinHandle::is_finished);
        let entity = encoded(ENTITY);
        let path = format!("/posts?since_id={newest}&since_id_entity={entity}&limit=200");
        let page = other.get(&path).await.ok().json();
        let ids = page.as_array().unwrap().iter();
        let ids: Vec<_> = ids
            .map(|post| post["id"].as_str().unwrap().to_owned())
            .collect();
        if let Some(first) = ids.first() {
            newest.clone_from(first);
        }
        met.extend(ids);
        if is_all {
            break;
        }
    }
    let mut published = Vec::new();
    for task in tasks {
        published.push(task.await.unwrap());
    }
    met.sort();
    published.sort();
    assert_eq!(met, published);
}

#[tokio::test]
async fn what_one_server_queues_another_delivers() {
    let kept = Kept::new();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let alice = Neighbour::on(listener, kept.open().await).await;
    let bob = Neighbour::new().await;
    bob.follow(&alice).await;
    bob.set_up(false);
    alice.post(neighbour::status("one")).await;
    alice.server.settle().await;
    bob.set_up(true);

    // Another server of Alice's, which is asked for nothing, and for which it is tomorrow.
    let clock = Arc::new(AtomicI64::new(START + 86_400));
    let other = builder(&clock)
        .entity(alice.entity.parse().unwrap())
        .root(format!("{}/tent", alice.entity).parse().unwrap())
        .database(kept.open().await)
        .build()
        .await
        .unwrap();
    other.settle().await;
    assert_eq!(bob.texts_of(&alice).await, ["one"]);
}

#[tokio::test]
async fn many_servers_that_begin_at_once_agree_on_the_schema() {
    let kept = Arc::new(Kept::new());
    let opening: Vec<_> = (0..8)
        .map(|_| {
            let kept = Arc::clone(&kept);
            tokio::spawn(async move { drop(kept.open().await) })
        })
        .collect();
    for opened in opening {
        opened.await.unwrap();
    }
}

#[tokio::test]
async fn the_database_of_a_newer_program_is_refused() {
    let kept = Kept::new();
    drop(kept.open().await);
    let (_, database) = kept.config.rsplit_once("dbname=").unwrap();
    cluster().query(database, "UPDATE schema_version SET version = 99");
    let error = Database::postgres(&kept.config, kept.folder())
        .await
        .unwrap_err();
    assert!(
        matches!(error, DatabaseError::Newer { found: 99, .. }),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_database_that_is_away_is_unavailable_and_comes_back() {
    let Some(mut cluster) = Cluster::start(&["-c", "fsync=off"]) else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let config = cluster.create_database();
    let world = World::with(Database::postgres(&config, folder.path()).await.unwrap()).await;
    let user = world.log_in("read_posts,write_posts", STATUS).await;
    let id = world.publish(&user, "before", true).await;

    cluster.stop();
    let body = json!({"type": STATUS, "content": {"text": "meanwhile"}});
    for (method, body) in [("GET", None), ("POST", Some(body))] {
        let answer = world.call(Some(&user), method, "/posts", body).await;
        assert_eq!(
            answer.error(),
            (503, "the database cannot be reached".into())
        );
        assert_eq!(answer.header("retry-after"), "5");
    }
    cluster.start_again();
    let post = world.get(&format!("/posts/{id}")).await.ok().json();
    assert_eq!(post["content"]["text"], "before");
    world.publish(&user, "after", true).await;
    // Connections that were lost while nobody used them are not noticed by anybody.
    cluster.restart();
    world.publish(&user, "and again", true).await;
    assert_eq!(world.get("/posts/count").await.ok().text(), "3");
}
