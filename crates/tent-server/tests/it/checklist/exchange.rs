//! S9: what becomes of codes and credentials.

use serde_json::{Value, json};
use tent_proto::mac::Credentials;
use url::Url;

use super::{Ground, now, refusal};
use crate::wire::{Heard, approve};
use crate::world::{CALLBACK, credentials, encoded};

/// An app that the owner has approved: its registration, where it exchanges codes, and the first code.
struct Approved {
    registration: Credentials,
    path: String,
    code: String,
}

impl Approved {
    async fn new(ground: &Ground) -> Self {
        let app = ground.register().await;
        let id = app["id"].as_str().unwrap();
        let page = ground.url(&format!(
            "/oauth/authorize?client_id={id}&redirect_uri={}&scope=read_posts&tent_post_types=all",
            encoded(CALLBACK)
        ));
        let back: Url = approve(&page, ground.server.passphrase())
            .await
            .parse()
            .unwrap();
        let code = back.query_pairs().find(|(name, _)| name == "code").unwrap();
        Self {
            registration: credentials(&app, "mac_key_id"),
            path: format!("/apps/{id}/authorizations"),
            code: code.1.into_owned(),
        }
    }

    async fn exchange(&self, ground: &Ground, body: &Value) -> Heard {
        let caller = Some(&self.registration);
        ground.call(caller, "POST", &self.path, Some(body)).await
    }
}

#[tokio::test]
async fn s9_an_exchange_rotates_the_code_only() {
    let ground = Ground::new();
    let approved = Approved::new(&ground).await;
    let exchange = async |code: &Value| {
        let body = json!({"code": code, "token_type": "mac"});
        approved.exchange(&ground, &body).await
    };
    let first = exchange(&json!(approved.code)).await.json();
    let second = exchange(&first["refresh_token"]).await.json();
    for name in ["access_token", "mac_key", "mac_algorithm", "token_type"] {
        assert_eq!(first[name], second[name], "{name}");
    }
    assert_ne!(first["refresh_token"], second["refresh_token"]);
    let again = exchange(&first["refresh_token"]).await;
    assert_eq!(refusal(&again), (403, "Unauthorized".into()));
}

#[tokio::test]
async fn s9_an_expiry_makes_the_id_unknown() {
    let ground = Ground::new();
    let approved = Approved::new(&ground).await;
    let mut body =
        json!({"code": approved.code, "token_type": "mac", "tent_expires_at": now() + 3600});
    let token = approved.exchange(&ground, &body).await.json();
    let user = credentials(&token, "access_token");
    assert_eq!(
        ground.call(Some(&user), "GET", "/posts", None).await.status,
        200
    );

    body["code"] = token["refresh_token"].clone();
    body["tent_expires_at"] = (now() - 1).into();
    let token = approved.exchange(&ground, &body).await;
    assert_eq!(token.status, 200, "{token:?}");
    let heard = ground.call(Some(&user), "GET", "/posts", None).await;
    assert_eq!(refusal(&heard), (401, "Invalid MAC Key ID".into()));
    body["code"] = token.json()["refresh_token"].clone();
    body["tent_expires_at"] = (now() + 3600).into();
    let refused = approved.exchange(&ground, &body).await;
    assert_eq!(refusal(&refused), (403, "Unauthorized".into()));
}
