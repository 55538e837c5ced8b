//! Servers follow each other and exchange posts, over real sockets.

use serde_json::{Value, json};

use crate::neighbour::{Neighbour, status, text};
use crate::world::{STATUS, encoded};

const DELETE: &str = "https://tent.io/types/post/delete/v0.1.0";

/// Alice, and Bob, who follows her.
pub(crate) async fn alice_and_bob() -> (Neighbour, Neighbour) {
    let (alice, bob) = (Neighbour::new().await, Neighbour::new().await);
    bob.follow(&alice).await;
    (alice, bob)
}

#[tokio::test]
async fn a_post_reaches_those_who_follow() {
    let (alice, bob) = alice_and_bob().await;
    let post = alice.post(status("High tide at nine")).await;
    let got = bob.posts_of(&alice, STATUS).await;
    assert_eq!(got.len(), 1);
    for member in [
        "id",
        "entity",
        "type",
        "content",
        "version",
        "app",
        "published_at",
    ] {
        assert_eq!(got[0][member], post[member], "{member}");
    }
    assert_eq!(got[0]["permissions"]["public"], true);
    // Bob's server shows it to nobody else.
    let seen = bob.get("/posts").await.ok().json();
    let others = |post: &&Value| post["entity"] != bob.entity.as_str();
    assert_eq!(seen.as_array().unwrap().iter().filter(others).count(), 0);
    // And Alice has heard nothing of it from herself.
    assert_eq!(alice.texts_of(&alice).await, ["High tide at nine"]);
}

#[tokio::test]
async fn what_is_not_shared_with_a_follower_does_not_reach_it() {
    let (alice, bob) = alice_and_bob().await;
    let mut post = status("for me");
    post["permissions"] = json!({"public": false});
    alice.post(post.clone()).await;
    post["content"]["text"] = "for Bob".into();
    post["permissions"] = json!({"public": false, "entities": {&bob.entity: true}});
    alice.post(post).await;
    assert_eq!(bob.texts_of(&alice).await, ["for Bob"]);
    let got = bob.posts_of(&alice, STATUS).await;
    assert_eq!(got[0]["permissions"]["public"], false);
}

#[tokio::test]
async fn a_change_reaches_those_who_follow_and_the_old_version_is_kept() {
    let (alice, bob) = alice_and_bob().await;
    let post = alice.post(status("nine")).await;
    let path = format!("/posts/{}", post["id"].as_str().unwrap());
    let change = json!({"content": {"text": "ten"}});
    alice.ask("PUT", &path, Some(change)).await;
    alice.server.settle().await;
    let got = bob.posts_of(&alice, STATUS).await;
    assert_eq!(got.len(), 1);
    assert_eq!((text(&got[0]), &got[0]["version"]), ("ten", &json!(2)));
    let first = format!(
        "/posts/{}/{}?version=1",
        encoded(&alice.entity),
        post["id"].as_str().unwrap()
    );
    let first = bob.ask("GET", &first, None).await;
    assert_eq!(text(&first), "nine");
}

#[tokio::test]
async fn a_deleted_post_is_gone_everywhere() {
    let (alice, bob) = alice_and_bob().await;
    let post = alice.post(status("oops")).await;
    alice.post(status("stays")).await;
    assert_eq!(bob.texts_of(&alice).await.len(), 2);
    let id = post["id"].as_str().unwrap();
    alice.ask("DELETE", &format!("/posts/{id}"), None).await;
    alice.server.settle().await;
    assert_eq!(bob.texts_of(&alice).await, ["stays"]);
    assert_eq!(bob.posts_of(&alice, DELETE).await.len(), 1);
}

#[tokio::test]
async fn a_follower_gets_the_types_and_the_view_that_it_wants() {
    let (alice, bob) = (Neighbour::new().await, Neighbour::new().await);
    let essay = "https://tent.io/types/post/essay/v0.1.0";
    let body = json!({"entity": alice.entity, "types": [format!("{essay}#meta")]});
    bob.ask("POST", "/followings", Some(body)).await;
    alice.post(status("not wanted")).await;
    let post = json!({"type": essay, "content": {"title": "Tides", "body": "…"}, "permissions": {"public": true}});
    let post = alice.post(post).await;
    assert!(bob.texts_of(&alice).await.is_empty());
    let got = bob.posts_of(&alice, essay).await;
    assert_eq!(got[0]["id"], post["id"]);
    assert!(got[0].get("content").is_none(), "{got:?}");
    // Of a post whose type it wants it learns the end, too.
    let id = post["id"].as_str().unwrap();
    alice.ask("DELETE", &format!("/posts/{id}"), None).await;
    alice.server.settle().await;
    assert!(bob.posts_of(&alice, essay).await.is_empty());
}

#[tokio::test]
async fn a_mentioned_stranger_fetches_the_post_and_shows_who_mentions() {
    let (alice, bob) = (Neighbour::new().await, Neighbour::new().await);
    let post = bob.post(status("When is high tide?")).await;
    let mut answer = status("^bob At nine.");
    answer["mentions"] = json!([{"entity": bob.entity, "post": post["id"]}]);
    let answer = alice.post(answer).await;
    assert_eq!(bob.texts_of(&alice).await, ["^bob At nine."]);
    let path = format!("/posts/{}/mentions", post["id"].as_str().unwrap());
    let mentions = bob.get(&path).await.ok().json();
    assert_eq!(
        mentions,
        json!([{"entity": alice.entity, "post": answer["id"], "type": STATUS}])
    );
    // A private one is not for strangers.
    let mut secret = status("^bob psst");
    secret["permissions"] = json!({"public": false, "entities": {&bob.entity: true}});
    secret["mentions"] = json!([{"entity": bob.entity}]);
    alice.post(secret).await;
    assert_eq!(bob.texts_of(&alice).await.len(), 1);
    // That it is gone, Bob's server learns as well.
    let id = answer["id"].as_str().unwrap();
    alice.ask("DELETE", &format!("/posts/{id}"), None).await;
    alice.server.settle().await;
    assert!(bob.texts_of(&alice).await.is_empty());
}

#[tokio::test]
async fn somebody_who_is_followed_gets_mentions_signed() {
    let (alice, bob) = alice_and_bob().await;
    let mut post = status("^alice Thanks.");
    post["permissions"] = json!({"public": false, "entities": {&alice.entity: true}});
    post["mentions"] = json!([{"entity": alice.entity}]);
    bob.post(post).await;
    assert_eq!(alice.texts_of(&bob).await, ["^alice Thanks."]);
}

#[tokio::test]
async fn who_is_followed_no_more_or_follows_no_more_hears_nothing() {
    let (alice, bob) = alice_and_bob().await;
    let followers = alice.ask("GET", "/followers", None).await;
    let id = followers[0]["id"].as_str().unwrap();
    alice.ask("DELETE", &format!("/followers/{id}"), None).await;
    alice.post(status("without Bob")).await;
    assert!(bob.texts_of(&alice).await.is_empty());
}

#[tokio::test]
async fn a_changed_profile_is_read_again() {
    let (alice, bob) = alice_and_bob().await;
    let basic = "https://tent.io/types/info/basic/v0.1.0";
    let path = format!("/profile/{}", encoded(basic));
    let body = json!({"name": "Alice of the quay", "permissions": {"public": true}});
    alice.ask("PUT", &path, Some(body)).await;
    alice.server.settle().await;
    bob.server.settle().await;
    let followings = bob.ask("GET", "/followings", None).await;
    assert_eq!(followings[0]["profile"][basic]["name"], "Alice of the quay");
}
