//! S4: which members are shown to whom.

use serde_json::{Value, json};

use super::Ground;
use crate::world::encoded;

/// The members that there are of these.
fn shown(object: &Value, names: &[&'static str]) -> Vec<&'static str> {
    let there = |name: &&str| object.get(*name).is_some();
    names.iter().copied().filter(there).collect()
}

const SECRETS: [&str; 3] = ["mac_key_id", "mac_key", "mac_algorithm"];

#[tokio::test]
async fn s4_members_of_posts_are_visible_as_they_should_be() {
    let ground = Ground::new();
    let path = ground.publish("for all", true).await;
    let own = ["received_at", "updated_at"];
    let anonymous = ground.anonymous("GET", &path).await.json();
    assert_eq!(shown(&anonymous, &own), [""; 0]);
    assert_eq!(shown(&anonymous, &["id", "entity", "permissions"]).len(), 3);
    let app = ground.ask("GET", &path, None).await.json();
    assert_eq!(shown(&app, &own), own);

    let bob = "https://bob.example";
    let body = json!({
        "type": "https://tent.io/types/post/status/v0.1.0", "content": {},
        "permissions": {"public": false, "entities": {bob: true}},
    });
    let post = ground.ask("POST", "/posts", Some(&body)).await.json();
    let path = format!("/posts/{}", post["id"].as_str().unwrap());
    let app = ground.ask("GET", &path, None).await.json();
    assert_eq!(app["permissions"]["entities"], json!({bob: true}));
    let reader = ground.user(&["read_posts"]).await;
    let less = ground.call(Some(&reader), "GET", &path, None).await.json();
    assert_eq!(less["permissions"], json!({"public": false}));
}

#[tokio::test]
async fn s4_members_of_followers_are_visible_as_they_should_be() {
    let ground = Ground::new();
    let follower = json!({
        "entity": "https://bob.example", "notification_path": "notifications/x", "types": ["all"],
        "licenses": ["https://example.com/license"], "permissions": {"public": true},
        "mac_key_id": "s:bob", "mac_key": "0f1e2d3c", "mac_algorithm": "hmac-sha-256",
    });
    let made = ground.ask("POST", "/followers", Some(&follower)).await;
    let path = format!("/followers/{}", made.json()["id"].as_str().unwrap());
    let own = ["licenses", "types", "notification_path"];
    let app = ["updated_at", "groups"];

    let seen = ground.anonymous("GET", &path).await.json();
    assert_eq!(shown(&seen, &own), [""; 0]);
    assert_eq!(shown(&seen, &app), [""; 0]);
    assert_eq!(
        shown(&seen, &["id", "entity", "created_at", "permissions"]).len(),
        4
    );

    let bob = crate::world::credentials(&follower, "mac_key_id");
    let seen = ground.call(Some(&bob), "GET", &path, None).await.json();
    assert_eq!(shown(&seen, &own), own);
    assert_eq!(shown(&seen, &app), [""; 0]);
    assert_eq!(shown(&seen, &SECRETS), [""; 0]);

    let seen = ground.ask("GET", &path, None).await.json();
    assert_eq!(shown(&seen, &own), own);
    assert_eq!(shown(&seen, &app), app);
    assert_eq!(shown(&seen, &SECRETS), [""; 0], "nobody asked for them");
    let reader = ground.user(&["read_followers"]).await;
    let seen = ground.call(Some(&reader), "GET", &path, None).await.json();
    assert_eq!(
        shown(&seen, &app),
        ["updated_at"],
        "groups need read_groups"
    );
}

#[tokio::test]
async fn s4_secrets_are_shown_to_whoever_may_see_them_and_asks() {
    let ground = Ground::new();
    let app = ground.register().await;
    assert_eq!(shown(&app, &SECRETS), SECRETS, "once, to who registers");
    let path = format!("/apps/{}", app["id"].as_str().unwrap());
    let reader = ground.user(&["read_apps"]).await;
    for (caller, query, secrets) in [
        (ground.server.credentials(), "", &[][..]),
        (ground.server.credentials(), "?secrets=true", &SECRETS),
        (&reader, "?secrets=true", &[]),
    ] {
        let path = format!("{path}{query}");
        let seen = ground.call(Some(caller), "GET", &path, None).await.json();
        assert_eq!(seen["id"], app["id"]);
        let keys = shown(&seen, &["mac_key", "mac_algorithm"]);
        assert_eq!(keys.is_empty(), secrets.is_empty(), "{query}: {seen}");
    }
}

#[tokio::test]
async fn s4_sections_of_the_profile_are_visible_as_they_should_be() {
    let ground = Ground::new();
    let notes = "https://app.example/types/info/notes/v1.0.0";
    let path = format!("/profile/{}", encoded(notes));
    let mut section = json!({"text": "mine", "permissions": {"public": false}});
    ground.ask("PUT", &path, Some(&section)).await;
    let profile = ground.anonymous("GET", "/profile").await.json();
    assert_eq!(profile.get(notes), None);
    assert_eq!(ground.anonymous("GET", &path).await.status, 404);
    let profile = ground.ask("GET", "/profile", None).await.json();
    assert_eq!(profile[notes]["text"], "mine");
    section["permissions"]["public"] = true.into();
    ground.ask("PUT", &path, Some(&section)).await;
    let profile = ground.anonymous("GET", "/profile").await.json();
    assert_eq!(profile[notes]["text"], "mine");
}
