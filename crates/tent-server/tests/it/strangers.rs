//! Posts are taken from whom they are, and from nobody else.

use serde_json::{Value, json};
use tent_proto::mac::Credentials;

use crate::federation::alice_and_bob;
use crate::neighbour::{Neighbour, status, text};
use crate::world::{Answer, STATUS, credentials, encoded};

const DELETE: &str = "https://tent.io/types/post/delete/v0.1.0";

/// A post of Alice that mentions Bob, or so it says.
fn claim(alice: &Neighbour, bob: &Neighbour, id: &Value) -> Value {
    let mut post = status("Send money");
    post["entity"] = alice.entity.as_str().into();
    post["id"] = id.clone();
    post["mentions"] = json!([{"entity": bob.entity}]);
    post
}

async fn bring(bob: &Neighbour, post: &Value) -> Answer {
    bob.call(None, "POST", "/posts", Some(post.clone())).await
}

#[tokio::test]
async fn a_forged_post_is_not_stored() {
    let (alice, bob) = (Neighbour::new().await, Neighbour::new().await);
    let forged = claim(&alice, &bob, &"p1".into());
    assert_eq!(bring(&bob, &forged).await.error().0, 403);
    let hidden = json!({"type": STATUS, "content": {"text": "mine"}});
    let hidden = alice.post(hidden).await;
    let forged = claim(&alice, &bob, &hidden["id"]);
    assert_eq!(bring(&bob, &forged).await.error().0, 403);
    // What Alice has written to others is of no concern.
    let other = alice.post(status("Hello all")).await;
    let forged = claim(&alice, &bob, &other["id"]);
    assert_eq!(bring(&bob, &forged).await.error().0, 403);
    assert!(bob.texts_of(&alice).await.is_empty());
}

#[tokio::test]
async fn what_a_stranger_brings_is_as_its_entity_has_it() {
    let (alice, bob) = (Neighbour::new().await, Neighbour::new().await);
    bob.set_up(false); // so that it does not come by itself
    let mut real = status("^bob Hello");
    real["mentions"] = json!([{"entity": bob.entity}]);
    let real = alice.post(real).await;
    let stored = bring(&bob, &claim(&alice, &bob, &real["id"])).await.ok();
    assert_eq!(text(&stored.json()), "^bob Hello");
    assert_eq!(bob.texts_of(&alice).await, ["^bob Hello"]);
    // It is there now, and nobody needs to be asked.
    alice.set_up(false);
    let again = bring(&bob, &claim(&alice, &bob, &real["id"])).await.ok();
    assert_eq!(text(&again.json()), "^bob Hello");
    let mut newer = claim(&alice, &bob, &real["id"]);
    newer["version"] = 9.into();
    assert_eq!(bring(&bob, &newer).await.error().0, 503);
    assert_eq!(bob.texts_of(&alice).await, ["^bob Hello"]);
}

#[tokio::test]
async fn what_says_nothing_of_its_entity_or_names_a_wrong_one_is_refused() {
    let (alice, bob) = alice_and_bob().await;
    let mut post = claim(&alice, &bob, &"p1".into());
    assert_eq!(bring(&bob, &post).await.error().0, 403, "she would sign");
    post["entity"] = bob.entity.as_str().into();
    assert_eq!(bring(&bob, &post).await.error().0, 403);
    post["entity"] = Value::Null;
    assert_eq!(bring(&bob, &post).await.error().0, 403);
}

/// What Alice's server signs with when it tells Bob's something, and where.
async fn line(alice: &Neighbour, bob: &Neighbour) -> (Credentials, String) {
    let followers = alice.ask("GET", "/followers?secrets=true", None).await;
    let followings = bob.ask("GET", "/followings", None).await;
    let id = followings[0]["id"].as_str().unwrap();
    (
        credentials(&followers[0], "mac_key_id"),
        format!("/notifications/{id}"),
    )
}

#[tokio::test]
async fn a_server_speaks_for_its_own_entity_alone() {
    let (alice, bob) = alice_and_bob().await;
    let (line, path) = line(&alice, &bob).await;
    let bring = async |path: &str, post: Value| {
        let answer = bob.call(Some(&line), "POST", path, Some(post)).await;
        answer.status.as_u16()
    };
    let mut post = claim(&alice, &bob, &"p1".into());
    assert_eq!(bring(&path, post.clone()).await, 200);
    assert_eq!(bring("/posts", post.clone()).await, 200);
    assert_eq!(bring("/notifications/nobody", post.clone()).await, 404);
    post["entity"] = "https://carol.example".into();
    assert_eq!(bring(&path, post.clone()).await, 403);
    assert_eq!(bring("/posts", post.clone()).await, 403);
    assert_eq!(bring(&path, json!([post])).await, 403);
    assert_eq!(bob.texts_of(&alice).await, ["Send money"]);
}

#[tokio::test]
async fn several_come_at_once_and_the_highest_version_counts() {
    let (alice, bob) = alice_and_bob().await;
    let (line, path) = line(&alice, &bob).await;
    let version = |version: u32| {
        let mut post = claim(&alice, &bob, &"p1".into());
        post["content"]["text"] = format!("version {version}").into();
        post["version"] = version.into();
        post
    };
    let other = claim(&alice, &bob, &"p2".into());
    let list = json!([version(2), version(5), version(3), version(5), other]);
    let answer = bob.call(Some(&line), "POST", &path, Some(list)).await.ok();
    let answer = answer.json();
    let versions: Vec<_> = answer
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["version"])
        .collect();
    assert_eq!(versions, [2, 5, 5, 5, 1]);
    assert_eq!(bob.texts_of(&alice).await, ["Send money", "version 5"]);
    let path = format!("/posts/{}/p1?version=", encoded(&alice.entity));
    let old = bob.ask("GET", &format!("{path}2"), None).await;
    assert_eq!(text(&old), "version 2");
    let skipped = bob
        .call(Some(&bob.app), "GET", &format!("{path}3"), None)
        .await;
    assert_eq!(skipped.error().0, 404);
}

#[tokio::test]
async fn nobody_deletes_the_posts_of_others() {
    let (alice, bob) = alice_and_bob().await;
    let (line, path) = line(&alice, &bob).await;
    let mine = bob.post(status("Bob")).await;
    let mut theirs = status("Carol");
    theirs["id"] = "p1".into();
    theirs["entity"] = "https://carol.example".into();
    bob.ask("POST", "/posts", Some(theirs)).await;
    let delete = async |id: &Value, notice: &str| {
        let post = json!({
            "entity": alice.entity, "id": notice, "type": DELETE, "content": {"id": id},
            "permissions": {"public": true},
        });
        bob.call(Some(&line), "POST", &path, Some(post)).await.ok();
    };
    let hers = claim(&alice, &bob, &"late".into());
    delete(&mine["id"], "d1").await;
    delete(&"p1".into(), "d2").await;
    delete(&"late".into(), "d3").await;
    // A post that comes after the notice that it is gone stays gone.
    bob.call(Some(&line), "POST", &path, Some(hers)).await.ok();
    let left = bob
        .ask(
            "GET",
            &format!("/posts?post_types={}", encoded(STATUS)),
            None,
        )
        .await;
    let left: Vec<_> = left.as_array().unwrap().iter().map(text).collect();
    assert_eq!(left, ["Carol", "Bob"]);
}
