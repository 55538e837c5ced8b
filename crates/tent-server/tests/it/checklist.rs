//! The lines for servers of the checklist in `docs/protocol.md` §11, each a test of its name, over real
//! sockets.
//!
//! [`server`] alone says what is tested.

mod attachments;
mod exchange;
mod following;
mod lists;
mod posts;
mod signatures;
mod visibility;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use http::Method;
use serde_json::{Value, json};
use tent_proto::mac::{Credentials, Stamp};
use tent_server::TestServer;
use url::Url;

use crate::store;
use crate::wire::{Heard, ask};
use crate::world::{CALLBACK, STATUS, TENT, credentials};

/// The server that is tested, with an app that may do everything.
fn server() -> TestServer {
    store::test_server()
}

/// A server, and who asks it.
struct Ground {
    server: TestServer,
    nonce: AtomicU64,
}

impl Ground {
    fn new() -> Self {
        Self {
            server: server(),
            nonce: AtomicU64::new(0),
        }
    }

    fn url(&self, path: &str) -> String {
        format!(
            "{}{path}",
            self.server.root().url().as_str().trim_end_matches('/')
        )
    }

    fn sign(&self, credentials: &Credentials, method: &str, path: &str) -> String {
        let nonce = self.nonce.fetch_add(1, Ordering::Relaxed).to_string();
        let stamp = Stamp {
            timestamp: now(),
            nonce: &nonce,
        };
        let url: Url = self.url(path).parse().unwrap();
        credentials.sign(&method.parse::<Method>().unwrap(), &url, stamp)
    }

    /// A call, signed when somebody makes it, with JSON when there is some.
    async fn call(
        &self,
        caller: Option<&Credentials>,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Heard {
        let signed = caller.map(|caller| self.sign(caller, method, path));
        self.send(signed.as_deref(), method, path, body).await
    }

    /// The same with an `Authorization` header as it is.
    async fn send(
        &self,
        authorization: Option<&str>,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Heard {
        let mut headers = vec![("Accept", TENT)];
        headers.extend(authorization.map(|value| ("Authorization", value)));
        headers.extend(body.map(|_| ("Content-Type", TENT)));
        let body = body.map(Value::to_string).unwrap_or_default();
        ask(method, &self.url(path), &headers, &body).await
    }

    /// A call of the app that may do everything, which is answered.
    async fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> Heard {
        let app = self.server.credentials();
        let heard = self.call(Some(app), method, path, body).await;
        assert_eq!(heard.status, 200, "{method} {path}: {heard:?}");
        heard
    }

    /// A call of somebody without a credential.
    async fn anonymous(&self, method: &str, path: &str) -> Heard {
        self.call(None, method, path, None).await
    }

    /// Publishes a status, and gives its path.
    async fn publish(&self, text: &str, public: bool) -> String {
        let body = json!({
            "type": STATUS, "content": {"text": text}, "permissions": {"public": public},
        });
        let post = self.ask("POST", "/posts", Some(&body)).await.json();
        format!("/posts/{}", post["id"].as_str().unwrap())
    }

    /// Registers an app, and gives what the server says of it.
    async fn register(&self) -> Value {
        let app =
            json!({"name": "Harbour", "url": "https://app.example", "redirect_uris": [CALLBACK]});
        let heard = self.call(None, "POST", "/apps", Some(&app)).await;
        assert_eq!(heard.status, 200, "{heard:?}");
        heard.json()
    }

    /// The credential of an app that may do this, with all types.
    async fn user(&self, scopes: &[&str]) -> Credentials {
        let app = self.register().await;
        let path = format!("/apps/{}/authorizations", app["id"].as_str().unwrap());
        let grant = json!({
            "scopes": scopes, "post_types": ["all"], "profile_info_types": ["all"],
        });
        let made = self.ask("POST", &path, Some(&grant)).await;
        credentials(&made.json(), "mac_key_id")
    }
}

fn now() -> u64 {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    now.unwrap().as_secs()
}

/// The status and the text of a refusal.
fn refusal(heard: &Heard) -> (u16, String) {
    let text = heard.json()["error"].as_str().unwrap().to_owned();
    (heard.status, text)
}
