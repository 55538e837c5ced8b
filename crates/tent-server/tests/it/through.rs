//! Reading from the servers of those who are followed.

use serde_json::{Value, json};

use crate::federation::alice_and_bob;
use crate::neighbour::{Neighbour, status, text};
use crate::world::{STATUS, encoded};

/// Alice, and Bob, who follows her, with a post for all and one for him that are not with him.
async fn alice_bob_and_posts() -> (Neighbour, Neighbour, String, Value) {
    let (alice, bob) = alice_and_bob().await;
    bob.set_up(false);
    alice.post(status("for all")).await;
    let mut shared = status("for Bob");
    shared["permissions"] = json!({"public": false, "entities": {&bob.entity: true}});
    let shared = alice.post(shared).await;
    bob.set_up(true);
    let followings = bob.ask("GET", "/followings", None).await;
    let id = followings[0]["id"].as_str().unwrap().to_owned();
    (alice, bob, id, shared)
}

#[tokio::test]
async fn what_is_shared_is_read_through_a_following() {
    let (alice, bob, id, _) = alice_bob_and_posts().await;
    let statuses = format!(
        "/followings/{id}/posts?limit=1&post_types={}",
        encoded(STATUS)
    );
    let answer = bob.call(Some(&bob.app), "GET", &statuses, None).await.ok();
    assert_eq!(text(&answer.json()[0]), "for Bob");
    assert!(
        answer.header("link").starts_with("</tent/posts?"),
        "{answer:?}"
    );
    assert_eq!(
        answer.header("content-security-policy"),
        "default-src 'none'; sandbox"
    );
    assert!(!answer.header("etag").is_empty());
    let profile = bob
        .ask("GET", &format!("/followings/{id}/profile"), None)
        .await;
    let core = &profile["https://tent.io/types/info/core/v0.1.0"];
    assert_eq!(core["entity"], alice.entity.as_str());
    // An app that may not see all posts sees what everybody sees.
    let app = bob.log_in("read_followings,read_posts", STATUS).await;
    let answer = bob.call(Some(&app), "GET", &statuses, None).await.ok();
    assert_eq!(text(&answer.json()[0]), "for all");
}

#[tokio::test]
async fn what_is_not_there_or_not_for_the_caller_is_refused() {
    let (alice, bob, id, _) = alice_bob_and_posts().await;
    let status = async |path: &str| {
        let answer = bob.call(Some(&bob.app), "GET", path, None).await;
        answer.error().0
    };
    assert_eq!(
        status(&format!("/followings/{id}/posts/nothing")).await,
        404
    );
    assert_eq!(status("/followings/nobody/profile").await, 404);
    let path = format!("/followings/{id}/profile");
    assert_eq!(bob.get(&path).await.error().0, 403);
    let posted = bob
        .call(Some(&bob.app), "POST", &path, Some(json!({})))
        .await;
    assert_eq!(posted.error().0, 405);
    alice.set_up(false);
    let down = bob.call(Some(&bob.app), "GET", &path, None).await;
    assert_eq!(down.status, 503, "as Alice's server says");
}

#[tokio::test]
async fn a_post_of_somebody_followed_that_is_not_here_is_fetched() {
    let (alice, bob, _, shared) = alice_bob_and_posts().await;
    let path = format!(
        "/posts/{}/{}",
        encoded(&alice.entity),
        shared["id"].as_str().unwrap()
    );
    let found = bob.ask("GET", &path, None).await;
    assert_eq!(text(&found), "for Bob");
    assert!(bob.texts_of(&alice).await.is_empty(), "it is not kept");
    let essays = bob
        .log_in("read_posts", "https://tent.io/types/post/essay/v0.1.0")
        .await;
    for caller in [None, Some(&essays)] {
        let answer = bob.call(caller, "GET", &path, None).await;
        assert_eq!(answer.error().0, 404);
    }
    let nothing = format!("/posts/{}/nothing", encoded(&alice.entity));
    let nothing = bob.call(Some(&bob.app), "GET", &nothing, None).await;
    assert_eq!(nothing.error().0, 404);
}
