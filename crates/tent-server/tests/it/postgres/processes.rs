//! Many servers on one database, and a database that goes away.

use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use axum::body::Body;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use serde_json::json;
use tent_server::{Database, DatabaseError, Limit, Limits, StartError};
use tent_testkit::postgres::Cluster;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::browser::Browser;
use crate::form::{FORM, file, form, post_part, status};
use crate::hosting::{ALICE, BOB, Town};
use crate::neighbour::{self, Neighbour};
use crate::store::{Kept, cluster};
use crate::world::{CALLBACK, ENTITY, PASSPHRASE, START, STATUS, TENT, World, builder, encoded};

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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_server_revoked_the_other_refuses_from_then_on_however_many_ask() {
    let (_kept, one, other) = two().await;
    let (other, app) = (Arc::new(other), one.register().await);
    let path = format!("/apps/{}", app.id);
    let ask = || {
        let (other, key, path) = (Arc::clone(&other), app.credentials.clone(), path.clone());
        tokio::spawn(async move { other.call(Some(&key), "GET", &path, None).await })
    };
    ask().await.unwrap().ok();
    let before: Vec<_> = (0..64).map(|_| ask()).collect();
    let revoked = one.call(Some(&app.credentials), "DELETE", &path, None);
    revoked.await.ok();
    let after: Vec<_> = (0..64).map(|_| ask()).collect();
    for answer in after {
        let refused = (401, "Invalid MAC Key ID".into());
        assert_eq!(answer.await.unwrap().error(), refused);
    }
    drop(before);
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
    let config = cluster.create_database();
    let hosting = Database::postgres(&config, folder.path().join("host")).await;
    let town = Town::with(hosting.unwrap(), &[ALICE]).await;

    cluster.stop();
    // Nobody has asked for her yet, so the server has to look who she is.
    let answer = town.world(ALICE).get("/profile").await;
    assert_eq!(answer.error().0, 503);
    assert_eq!(answer.header("retry-after"), "5");
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

/// Asks until the answer has this status: a process hears of others soon, but not at once.
async fn until_status(world: &World, path: &str, status: u16) {
    let asked = async {
        while world.get(path).await.status != status {
            tokio::task::yield_now().await;
        }
    };
    let heard = tokio::time::timeout(std::time::Duration::from_secs(20), asked).await;
    heard.expect("a process hears of what another did");
}

#[tokio::test]
async fn entities_that_come_and_go_at_one_server_come_and_go_at_the_other() {
    let kept = Kept::new();
    let one = Town::with(kept.open().await, &[ALICE]).await;
    let other = Town::with(kept.open().await, &[]).await;
    let seen = |entity| other.world(entity);
    seen(ALICE).get("/profile").await.ok();
    let bob: tent_proto::Entity = BOB.parse().unwrap();
    one.host.create(bob.clone(), PASSPHRASE).await.unwrap();
    until_status(&seen(BOB), "/profile", 200).await;
    let user = one
        .world(BOB)
        .log_in("read_posts,write_posts", STATUS)
        .await;
    one.world(BOB).publish(&user, "hello", true).await;
    assert_eq!(seen(BOB).get("/posts/count").await.ok().text(), "1");

    // Either can remove it, and make it anew.
    assert!(other.host.remove(&bob).await.unwrap());
    until_status(&one.world(BOB), "/profile", 404).await;
    other.host.create(bob.clone(), PASSPHRASE).await.unwrap();
    until_status(&one.world(BOB), "/profile", 200).await;
    assert_eq!(one.world(BOB).get("/posts/count").await.ok().text(), "0");
    let taken = one.host.create(bob, PASSPHRASE).await.unwrap_err();
    assert!(matches!(taken, StartError::Taken(_)), "{taken:?}");
}

#[tokio::test]
async fn a_limit_holds_for_all_servers_together() {
    let kept = Kept::new();
    let limits = Limits::none().address(Limit::new(80, 60));
    let server = async || {
        let database = kept.open().await;
        World::built(|server| server.database(database).limits(limits)).await
    };
    let (one, other) = (server().await, server().await);
    let mut taken = 0;
    for turn in 0..200 {
        let world = [&one, &other][turn % 2];
        let answer = world.get("/profile").await;
        assert_eq!(answer.header("x-ratelimit-limit"), "80");
        match answer.status.as_u16() {
            200 => taken += 1,
            status => assert_eq!(status, 429),
        }
    }
    assert_eq!(taken, 80);
    one.wait(60);
    one.get("/profile").await.ok();
}

#[tokio::test]
async fn guesses_at_one_server_slow_those_at_the_other() {
    let (_kept, one, other) = two().await;
    let query = one.register().await.query(CALLBACK);
    let mut guesser = Browser::default();
    for _ in 0..3 {
        let page = guesser.open(&one, &query).await.ok();
        let answer = guesser
            .submit(&one, &query, &page, "passphrase=wrong")
            .await;
        assert_eq!(answer.status, 403);
    }
    let right = format!("passphrase={}", encoded(PASSPHRASE));
    let page = guesser.open(&other, &query).await.ok();
    let slowed = guesser.submit(&other, &query, &page, &right).await;
    assert_eq!(
        (slowed.status.as_u16(), slowed.header("retry-after")),
        (429, "1")
    );
    other.wait(1);
    let signed_in = guesser.submit(&other, &query, &page, &right).await;
    assert_eq!(signed_in.status, 303);
    // All is forgotten then, at the first one, too.
    let mut mistaken = Browser::default();
    let page = mistaken.open(&one, &query).await.ok();
    let wrong = mistaken
        .submit(&one, &query, &page, "passphrase=wrong")
        .await;
    assert_eq!(wrong.status, 403);
}

#[tokio::test]
async fn a_database_without_room_is_told_and_has_room_again() {
    let kept = Kept::new();
    let world = World::with(kept.open().await).await;
    let user = world.log_in("read_posts,write_posts", STATUS).await;
    world.publish(&user, "before", true).await;
    let (_, database) = kept.config.rsplit_once("dbname=").unwrap();
    // What PostgreSQL says then, whether it is a table that cannot grow or a log.
    cluster().query(
        database,
        "CREATE FUNCTION fill() RETURNS trigger LANGUAGE plpgsql AS
             $$ BEGIN RAISE EXCEPTION 'No space left on device' USING ERRCODE = '53100'; END $$;
         CREATE TRIGGER filled BEFORE INSERT ON posts EXECUTE FUNCTION fill()",
    );
    let body = json!({"type": STATUS, "content": {"text": "too much"}});
    let answer = world.call(Some(&user), "POST", "/posts", Some(body)).await;
    assert_eq!(
        answer.error(),
        (507, "there is no room left on the server".into())
    );
    assert_eq!(answer.header("retry-after"), "60");
    assert_eq!(world.get("/posts/count").await.ok().text(), "1");
    cluster().query(database, "DROP TRIGGER filled ON posts");
    world.publish(&user, "after", true).await;
}
