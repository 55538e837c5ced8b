//! S6: a server that follows answers for its entity.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::routing::{get, post};
use bytes::Bytes;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::Ground;
use crate::wire::ask;

#[tokio::test]
async fn s6_the_challenge_is_answered_while_a_follow_request_is_pending() {
    let ground = Arc::new(Ground::new());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let alice = format!("http://{}", listener.local_addr().unwrap());
    let challenged = Arc::new(Mutex::new(Vec::new()));

    let profile = json!({"https://tent.io/types/info/core/v0.1.0": {
        "entity": alice, "servers": [alice], "licenses": [], "tent_version": "0.2",
    }});
    let link = "</profile>; rel=\"https://tent.io/rels/profile\"";
    let asked = {
        let (ground, challenged) = (Arc::clone(&ground), Arc::clone(&challenged));
        // Asks who is asking, before it answers.
        move |body: Bytes| async move {
            let body: Value = serde_json::from_slice(&body).unwrap();
            let path = body["notification_path"].as_str().unwrap();
            for (path, challenge) in [
                (path, "0f1e2d3c"),
                (path, "4b5a6978"),
                ("notifications/x", "0"),
            ] {
                let url = ground.url(&format!("/{path}?challenge={challenge}"));
                let heard = ask("GET", &url, &[("Accept", "text/plain")], "").await;
                challenged.lock().unwrap().push((heard.status, heard.body));
            }
            json!({
                "id": "f1", "entity": body["entity"], "mac_key_id": "s:1", "mac_key": "0f1e",
                "mac_algorithm": "hmac-sha-256", "permissions": {"public": true},
            })
            .to_string()
        }
    };
    let mut type_of_json = http::HeaderMap::new();
    type_of_json.insert(
        "content-type",
        "application/vnd.tent.v0+json".parse().unwrap(),
    );
    let router = Router::new()
        .route("/", get(move || async move { ([("link", link)], "Alice") }))
        .route(
            "/profile",
            get(move || async move { (type_of_json, profile.to_string()) }),
        )
        .route("/followers", post(asked));
    tokio::spawn(axum::serve(listener, router).into_future());

    let body = json!({"entity": alice});
    let following = ground.ask("POST", "/followings", Some(&body)).await.json();
    assert_eq!(following["remote_id"], "f1");
    let challenged = challenged.lock().unwrap();
    assert_eq!(
        challenged[..2],
        [(200, "0f1e2d3c".into()), (200, "4b5a6978".into())]
    );
    assert_eq!(challenged[2].0, 404);
}
