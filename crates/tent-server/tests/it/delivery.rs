//! What is queued is sent, later if it must be, and after a restart.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use axum::Router;
use axum::routing::post;
use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::{HeaderMap, StatusCode};
use serde_json::json;
use tent_flow::Moment;
use tent_proto::Post;
use tent_proto::mac::Credentials;
use tent_proto::model::Status;
use tent_proto::notification::Receiver;
use tokio::net::TcpListener;

use crate::browser::Browser;
use crate::federation::alice_and_bob;
use crate::neighbour::{Neighbour, status};
use crate::store::{self, Kept};
use crate::world::{CALLBACK, credentials, encoded};

/// In seconds.
const DAY: i64 = 24 * 60 * 60;

#[tokio::test]
async fn what_a_server_missed_comes_when_it_is_up_again() {
    let (alice, bob) = alice_and_bob().await;
    bob.set_up(false);
    let post = alice.post(status("one")).await;
    alice.post(status("two")).await;
    let path = format!("/posts/{}", post["id"].as_str().unwrap());
    let change = json!({"content": {"text": "one, really"}});
    alice.ask("PUT", &path, Some(change)).await;
    alice.server.settle().await;
    assert!(bob.texts_of(&alice).await.is_empty());
    bob.set_up(true);
    alice.server.settle().await;
    assert!(bob.texts_of(&alice).await.is_empty(), "it is too early");
    alice.wait(DAY);
    alice.server.settle().await;
    let mut texts = bob.texts_of(&alice).await;
    texts.sort_unstable();
    assert_eq!(texts, ["one, really", "two"]);
}

#[tokio::test]
async fn after_three_days_it_is_given_up() {
    let (alice, bob) = alice_and_bob().await;
    bob.set_up(false);
    alice.post(status("lost")).await;
    alice.wait(3 * DAY);
    alice.server.settle().await;
    bob.set_up(true);
    alice.wait(DAY);
    alice.server.settle().await;
    assert!(bob.texts_of(&alice).await.is_empty());
}

#[tokio::test]
async fn the_queue_outlives_the_server() {
    let kept = Kept::new();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let place = || TcpListener::from_std(listener.try_clone().unwrap()).unwrap();
    let alice = Neighbour::on(place(), kept.open().await).await;
    let bob = Neighbour::new().await;
    bob.follow(&alice).await;
    bob.set_up(false);
    alice.post(status("one")).await;
    alice.stop().await;
    bob.set_up(true);

    let alice = Neighbour::on(place(), kept.open().await).await;
    alice.wait(DAY);
    alice.server.settle().await;
    assert_eq!(bob.texts_of(&alice).await, ["one"]);
}

#[tokio::test]
async fn a_server_learns_that_it_is_followed_no_more_however_long_it_is_down() {
    let database = store::database().await;
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let place = || TcpListener::from_std(listener.try_clone().unwrap()).unwrap();
    let alice = Neighbour::new().await;
    let bob = Neighbour::on(place(), database.clone()).await;
    bob.follow(&alice).await;
    unfollow(&bob, &alice).await;
    assert_eq!(alice.ask("GET", "/followers/count", None).await, 1);
    bob.stop().await;

    let bob = Neighbour::on(place(), database).await;
    bob.wait(2 * DAY);
    bob.server.settle().await;
    assert_eq!(alice.ask("GET", "/followers/count", None).await, 0);
    // What is done is done once.
    bob.follow(&alice).await;
    bob.wait(DAY);
    bob.server.settle().await;
    assert_eq!(alice.ask("GET", "/followers/count", None).await, 1);
}

#[tokio::test]
async fn who_is_followed_again_does_not_hear_of_the_end_before() {
    let (alice, bob) = alice_and_bob().await;
    unfollow(&bob, &alice).await;
    bob.follow(&alice).await;
    bob.wait(DAY);
    bob.server.settle().await;
    alice.post(status("welcome back")).await;
    assert_eq!(bob.texts_of(&alice).await, ["welcome back"]);
}

/// Bob follows Alice no more, whose server is down and does not hear of it.
async fn unfollow(bob: &Neighbour, alice: &Neighbour) {
    alice.set_up(false);
    let path = format!("/followings/{}", encoded(&alice.entity));
    let following = bob.ask("GET", &path, None).await;
    let path = format!("/followings/{}", following["id"].as_str().unwrap());
    bob.ask("DELETE", &path, None).await;
    bob.server.settle().await;
    alice.set_up(true);
}

#[tokio::test]
async fn what_nobody_tries_to_deliver_anymore_is_fetched_after_a_start() {
    let database = store::database().await;
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let place = || TcpListener::from_std(listener.try_clone().unwrap()).unwrap();
    let alice = Neighbour::new().await;
    let bob = Neighbour::on(place(), database.clone()).await;
    bob.follow(&alice).await;
    alice.post(status("one")).await;
    bob.set_up(false);
    alice.post(status("two")).await;
    let mut shared = status("three");
    shared["permissions"] = json!({"public": false, "entities": {&bob.entity: true}});
    alice.post(shared).await;
    alice.wait(3 * DAY);
    alice.server.settle().await;
    assert_eq!(bob.texts_of(&alice).await, ["one"]);
    bob.stop().await;

    let bob = Neighbour::on(place(), database).await;
    bob.server.settle().await;
    assert_eq!(bob.texts_of(&alice).await, ["three", "two", "one"]);
}

#[tokio::test]
async fn what_was_missed_is_fetched_when_the_other_server_answers_again() {
    let (alice, bob) = alice_and_bob().await;
    bob.set_up(false);
    alice.post(status("missed")).await;
    alice.wait(3 * DAY);
    alice.server.settle().await;
    bob.set_up(true);

    alice.set_up(false);
    let mut mention = status("^alice Are you there?");
    mention["mentions"] = json!([{"entity": alice.entity}]);
    bob.post(mention).await;
    assert!(bob.texts_of(&alice).await.is_empty());
    alice.set_up(true);
    bob.wait(DAY);
    bob.server.settle().await;
    assert_eq!(alice.texts_of(&bob).await, ["^alice Are you there?"]);
    assert_eq!(bob.texts_of(&alice).await, ["missed"]);
}

#[tokio::test]
async fn followers_learn_where_a_server_has_moved() {
    let database = store::database().await;
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let place = || TcpListener::from_std(listener.try_clone().unwrap()).unwrap();
    let alice = Neighbour::on(place(), database.clone()).await;
    let bob = Neighbour::new().await;
    bob.follow(&alice).await;
    alice.stop().await;
    let alice = Neighbour::at("/elsewhere", place(), database).await;
    alice.server.settle().await;
    bob.server.settle().await;
    let followings = bob.ask("GET", "/followings", None).await;
    let core = &followings[0]["profile"]["https://tent.io/types/info/core/v0.1.0"];
    assert_eq!(
        core["servers"],
        json!([format!("{}/elsewhere", alice.entity)])
    );
}

/// An app that receives what servers send.
struct App {
    url: String,
    received: Arc<Mutex<Vec<Post>>>,
    credentials: Arc<Mutex<Option<Credentials>>>,
}

impl App {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/notify?for=alice", listener.local_addr().unwrap());
        let app = Self {
            received: Arc::default(),
            credentials: Arc::default(),
            url,
        };
        let receiver = Arc::new(Mutex::new(Receiver::new(app.url.parse().unwrap())));
        let (received, known) = (Arc::clone(&app.received), Arc::clone(&app.credentials));
        let receive = move |headers: HeaderMap, body: Bytes| {
            let now = Moment {
                wall: SystemTime::now(),
                mono: Duration::ZERO,
            };
            let authorization = headers
                .get(AUTHORIZATION)
                .map(|value| value.to_str().unwrap());
            let known = known.lock().unwrap();
            let find = |id: &str| known.clone().filter(|known| known.id() == id);
            let result = receiver
                .lock()
                .unwrap()
                .receive(now, authorization, &body, find);
            let status = match result {
                Ok(notification) => {
                    received.lock().unwrap().extend(notification.posts);
                    StatusCode::OK
                }
                Err(error) => error.status(),
            };
            std::future::ready(status)
        };
        let router = Router::new().route("/notify", post(receive));
        tokio::spawn(axum::serve(listener, router).into_future());
        app
    }

    /// The owner of the server approves it.
    async fn log_in(&self, server: &Neighbour, scopes: &str) {
        let app = server.register().await;
        let query = format!(
            "{}&scope={scopes}&tent_post_types=all&tent_notification_url={}",
            app.query(CALLBACK),
            encoded(&self.url)
        );
        let mut browser = Browser::default();
        browser.sign_in(server, &query).await;
        let code = browser.approve(server, &query).await;
        let answer = server.exchange(&app, &code).await.ok().json();
        *self.credentials.lock().unwrap() = Some(credentials(&answer, "access_token"));
    }

    fn texts(&self) -> Vec<String> {
        let received = self.received.lock().unwrap();
        let statuses = received
            .iter()
            .filter_map(|post| post.content::<Status>().ok()?.text);
        let mut texts: Vec<_> = statuses.collect();
        texts.sort_unstable();
        texts
    }
}

#[tokio::test]
async fn apps_are_told_of_what_they_may_see() {
    let (alice, bob) = alice_and_bob().await;
    let (reader, writer) = (App::start().await, App::start().await);
    reader.log_in(&bob, "read_posts").await;
    writer.log_in(&bob, "write_posts").await;
    let mut private = status("Bob to himself");
    private["permissions"] = json!({"public": false});
    bob.post(private).await;
    bob.post(status("Bob")).await;
    alice.post(status("Alice")).await;
    bob.server.settle().await;
    assert_eq!(reader.texts(), ["Alice", "Bob", "Bob to himself"]);
    assert_eq!(writer.texts(), ["Bob"]);
    let received = reader.received.lock().unwrap();
    assert!(received.iter().all(|post| post.received_at.is_some()));
}
