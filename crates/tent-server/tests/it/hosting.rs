//! Many entities on one server.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use axum::body::Body;
use http::StatusCode;
use serde_json::json;
use tent_server::{Database, StartError, TentHost};

use crate::browser::Browser;
use crate::store::{self, Kept};
use crate::world::{Answer, CALLBACK, PASSPHRASE, START, STATUS, World, encoded};

pub(crate) const ALICE: &str = "https://example.com/~alice";
pub(crate) const BOB: &str = "https://example.com/~bob";
const CAROL: &str = "https://carol.example";

pub(crate) struct Town {
    pub(crate) host: TentHost,
    clock: Arc<AtomicI64>,
}

impl Town {
    pub(crate) async fn with(database: Database, entities: &[&str]) -> Self {
        let clock = Arc::new(AtomicI64::new(START));
        let builder = {
            let clock = Arc::clone(&clock);
            TentHost::builder().clock(move || clock.load(Ordering::Relaxed))
        };
        let host = builder.database(database).build().await.unwrap();
        for entity in entities {
            host.create(entity.parse().unwrap(), PASSPHRASE)
                .await
                .unwrap();
        }
        Self { host, clock }
    }

    async fn new(entities: &[&str]) -> Self {
        Self::with(store::database().await, entities).await
    }

    pub(crate) fn world(&self, entity: &str) -> World {
        World::of(self.host.router(), Arc::clone(&self.clock), entity)
    }

    async fn get(&self, host: &str, path: &str) -> Answer {
        let request = http::Request::get(path).header("host", host);
        self.world(ALICE)
            .send(request.body(Body::empty()).unwrap())
            .await
    }
}

#[tokio::test]
async fn each_is_served_where_its_url_says() {
    let town = Town::new(&[ALICE, BOB, CAROL]).await;
    for entity in [ALICE, BOB, CAROL] {
        let world = town.world(entity);
        let profile = world.get("/profile").await.ok().json();
        let core = &profile["https://tent.io/types/info/core/v0.1.0"];
        assert_eq!(
            (&core["entity"], &core["servers"]),
            (&json!(entity), &json!([entity]))
        );
        let page = if entity == CAROL { "/" } else { "" };
        let page = world.get(page).await;
        assert_eq!(page.status, StatusCode::OK, "{entity}");
        assert!(page.header("link").contains("/profile"), "{entity}");
        let user = world.log_in("read_posts,write_posts", STATUS).await;
        world.publish(&user, &format!("I am {entity}"), true).await;
    }
    for entity in [ALICE, BOB, CAROL] {
        let posts = town.world(entity).get("/posts").await.ok().json();
        let texts: Vec<_> = posts
            .as_array()
            .unwrap()
            .iter()
            .map(|post| &post["content"]["text"])
            .collect();
        assert_eq!(texts, [&json!(format!("I am {entity}"))]);
    }
    for (host, path, status) in [
        ("carol.example:443", "/profile", 200),
        ("carol.example:80", "/profile", 421),
        ("example.com", "/~alice/nothing", 404),
        ("example.com", "/", 404),
        ("other.example", "/", 421),
        ("a b", "/", 400),
    ] {
        let answer = town.get(host, path).await;
        assert_eq!(answer.status, status, "{host}{path}");
        if status != 200 {
            assert_eq!(answer.error().0, status);
        }
    }
}

#[tokio::test]
async fn the_credential_of_one_is_nothing_to_another() {
    let town = Town::new(&[ALICE, BOB]).await;
    let (alice, bob) = (town.world(ALICE), town.world(BOB));
    let user = alice.log_in("read_posts,write_posts", STATUS).await;
    let refused = bob.call(Some(&user), "GET", "/posts", None).await;
    assert_eq!(refused.error(), (401, "Invalid MAC Key ID".into()));
}

#[tokio::test]
async fn each_has_a_passphrase_and_sessions_of_its_own() {
    let town = Town::new(&[ALICE]).await;
    town.host
        .create(BOB.parse().unwrap(), "something else")
        .await
        .unwrap();
    let (alice, bob) = (town.world(ALICE), town.world(BOB));
    let at_alice = alice.register().await.query(CALLBACK);
    let at_bob = bob.register().await.query(CALLBACK);

    let mut browser = Browser::default();
    browser.sign_in(&alice, &at_alice).await;
    // Even if the browser would send the cookie along, it is worth nothing there.
    let page = browser.open(&bob, &at_bob).await.ok();
    assert!(page.text().contains("name=\"passphrase\""));
    let mut browser = Browser::default();
    let page = browser.open(&bob, &at_bob).await.ok();
    let wrong = format!("passphrase={}", encoded(PASSPHRASE));
    assert_eq!(
        browser.submit(&bob, &at_bob, &page, &wrong).await.status,
        StatusCode::FORBIDDEN
    );
    let right = format!("passphrase={}", encoded("something else"));
    assert_eq!(
        browser.submit(&bob, &at_bob, &page, &right).await.status,
        StatusCode::SEE_OTHER
    );
}

#[tokio::test]
async fn one_browser_is_signed_in_at_two_on_one_host() {
    let town = Town::new(&[ALICE, BOB]).await;
    let mut names = Vec::new();
    for entity in [ALICE, BOB] {
        let world = town.world(entity);
        let query = world.register().await.query(CALLBACK);
        let mut browser = Browser::default();
        browser.sign_in(&world, &query).await;
        names.push(
            browser
                .cookie
                .unwrap()
                .split_once('=')
                .unwrap()
                .0
                .to_owned(),
        );
    }
    assert_ne!(names[0], names[1]);
    assert!(
        names
            .iter()
            .all(|name| name.starts_with("__Host-tent_session"))
    );
}

#[tokio::test]
async fn a_new_passphrase_counts_at_once_and_signs_out() {
    let town = Town::new(&[ALICE]).await;
    let alice = town.world(ALICE);
    let query = alice.register().await.query(CALLBACK);
    let mut browser = Browser::default();
    browser.sign_in(&alice, &query).await;
    assert!(
        browser
            .open(&alice, &query)
            .await
            .ok()
            .text()
            .contains("decision")
    );

    let entity = ALICE.parse().unwrap();
    assert!(
        town.host
            .change_passphrase(&entity, "a new one")
            .await
            .unwrap()
    );
    let page = browser.open(&alice, &query).await.ok();
    assert!(
        page.text().contains("name=\"passphrase\""),
        "it is signed out"
    );
    let old = format!("passphrase={}", encoded(PASSPHRASE));
    assert_eq!(
        browser.submit(&alice, &query, &page, &old).await.status,
        StatusCode::FORBIDDEN
    );
    let new = "passphrase=a+new+one";
    assert_eq!(
        browser.submit(&alice, &query, &page, new).await.status,
        StatusCode::SEE_OTHER
    );
    let nobody = BOB.parse().unwrap();
    assert!(!town.host.change_passphrase(&nobody, "x").await.unwrap());
}

#[tokio::test]
async fn what_is_there_is_served_after_a_restart() {
    let kept = Kept::new();
    drop(Town::with(kept.open().await, &[BOB, ALICE]).await);
    let town = Town::with(kept.open().await, &[]).await;
    let entities = town.host.entities().await.unwrap();
    assert_eq!(entities, [BOB.parse().unwrap(), ALICE.parse().unwrap()]);
    for entity in [ALICE, BOB] {
        town.world(entity).get("/profile").await.ok();
    }
}

#[tokio::test]
async fn nobody_is_made_twice_or_where_another_has_something() {
    let town = Town::new(&[CAROL]).await;
    for taken in [
        CAROL,
        "https://carol.example/",
        "https://carol.example/posts",
        "https://carol.example/apps/x",
    ] {
        let error = town
            .host
            .create(taken.parse().unwrap(), PASSPHRASE)
            .await
            .unwrap_err();
        assert!(matches!(error, StartError::Taken(_)), "{taken}: {error:?}");
        assert_eq!(
            error.to_string(),
            "there is something of https://carol.example at that URL"
        );
    }
    town.host
        .create("https://carol.example/dave".parse().unwrap(), PASSPHRASE)
        .await
        .unwrap();
    // Two at once for one name: one is refused.
    let both = tokio::join!(
        town.host.create(ALICE.parse().unwrap(), PASSPHRASE),
        town.host.create(ALICE.parse().unwrap(), PASSPHRASE)
    );
    assert_ne!(both.0.is_ok(), both.1.is_ok());
}
