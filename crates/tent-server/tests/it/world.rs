//! A server with a clock that stands still, and an app.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use axum::Router;
use axum::body::{Body, to_bytes};
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use http::{HeaderMap, Method, Request, StatusCode};
use serde_json::{Value, json};
use tent_proto::mac::{Credentials, Stamp};
use tent_server::{Database, Limits, ServerBuilder, TentServer};
use tower::ServiceExt as _;
use url::Url;

use crate::browser::Browser;
use crate::store;

pub(crate) const ENTITY: &str = "https://alice.example";

pub(crate) const ROOT: &str = "https://alice.example/tent";

pub(crate) const PASSPHRASE: &str = "correct horse battery staple";

pub(crate) const CALLBACK: &str = "https://app.example/cb";

pub(crate) const STATUS: &str = "https://tent.io/types/post/status/v0.1.0";

pub(crate) const TENT: &str = "application/vnd.tent.v0+json";

/// The time at which every test begins.
pub(crate) const START: i64 = 1_356_998_400;

/// A server and its clock.
pub(crate) struct World {
    pub(crate) router: Router,
    pub(crate) clock: Arc<AtomicI64>,
    root: Url,
    nonce: AtomicU64,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {:?}", self.body))
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub(crate) fn header(&self, name: impl http::header::AsHeaderName) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// The status and the text of an error.
    pub(crate) fn error(&self) -> (u16, String) {
        assert_eq!(self.header(CONTENT_TYPE), TENT, "{self:?}");
        let body = self.json();
        let members = body.as_object().unwrap();
        assert_eq!(members.len(), 1, "{body}");
        (
            self.status.as_u16(),
            members["error"].as_str().unwrap().to_owned(),
        )
    }

    #[track_caller]
    pub(crate) fn ok(self) -> Self {
        assert_eq!(
            self.status,
            StatusCode::OK,
            "{}",
            String::from_utf8_lossy(&self.body)
        );
        self
    }
}

pub(crate) fn builder(clock: &Arc<AtomicI64>) -> ServerBuilder {
    let clock = Arc::clone(clock);
    TentServer::builder()
        .entity(ENTITY.parse().unwrap())
        .root(ROOT.parse().unwrap())
        .passphrase(PASSPHRASE)
        .limits(Limits::none())
        .clock(move || clock.load(Ordering::Relaxed))
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(store::database().await).await
    }

    pub(crate) async fn with(database: Database) -> Self {
        Self::start(ROOT, database).await
    }

    /// A server with another root.
    pub(crate) async fn at(root: &str) -> Self {
        Self::start(root, store::database().await).await
    }

    async fn start(root: &str, database: Database) -> Self {
        let server_root = root.parse().unwrap();
        let set_up = |server: ServerBuilder| server.root(server_root).database(database);
        Self {
            root: root.parse().unwrap(),
            ..Self::built(set_up).await
        }
    }

    /// A server with more to its set-up.
    pub(crate) async fn built(set_up: impl FnOnce(ServerBuilder) -> ServerBuilder) -> Self {
        let clock = Arc::new(AtomicI64::new(START));
        let server = builder(&clock).database(store::database().await);
        let server = set_up(server).build().await.unwrap();
        Self::of(server.router(), clock, ROOT)
    }

    /// The server that a router has at this root.
    pub(crate) fn of(router: Router, clock: Arc<AtomicI64>, root: &str) -> Self {
        Self {
            router,
            clock,
            root: root.parse().unwrap(),
            nonce: AtomicU64::new(0),
        }
    }

    /// The target of a path below the root.
    pub(crate) fn target(&self, path: &str) -> String {
        format!("{}{path}", self.root.path().trim_end_matches('/'))
    }

    pub(crate) fn now(&self) -> i64 {
        self.clock.load(Ordering::Relaxed)
    }

    pub(crate) fn wait(&self, seconds: i64) {
        self.clock.fetch_add(seconds, Ordering::Relaxed);
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let (parts, body) = self
            .router
            .clone()
            .oneshot(request)
            .await
            .unwrap()
            .into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body,
        }
    }

    /// A request for a path below the host of the root.
    pub(crate) fn request(&self, method: &str, target: &str) -> http::request::Builder {
        Request::builder()
            .method(method)
            .uri(target)
            .header(HOST, self.root.authority())
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.call(None, "GET", path, None).await
    }

    /// A nonce that was not used yet.
    pub(crate) fn nonce(&self) -> String {
        format!("n{}", self.nonce.fetch_add(1, Ordering::Relaxed))
    }

    /// The `Authorization` header for a path below the root.
    pub(crate) fn sign(&self, credentials: &Credentials, method: &str, path: &str) -> String {
        let url = self.root.join(&self.target(path)).unwrap();
        let nonce = self.nonce();
        let stamp = Stamp {
            timestamp: self.now().unsigned_abs(),
            nonce: &nonce,
        };
        credentials.sign(&Method::from_bytes(method.as_bytes()).unwrap(), &url, stamp)
    }

    /// A call below the root, signed when there are credentials, with JSON when there is some.
    pub(crate) async fn call(
        &self,
        credentials: Option<&Credentials>,
        method: &str,
        path: &str,
        body: Option<Value>,
    ) -> Answer {
        let mut request = self.request(method, &self.target(path));
        if let Some(credentials) = credentials {
            request = request.header(AUTHORIZATION, self.sign(credentials, method, path));
        }
        let body = match body {
            None => Body::empty(),
            Some(body) => {
                request = request.header(CONTENT_TYPE, TENT);
                Body::from(body.to_string())
            }
        };
        self.send(request.body(body).unwrap()).await
    }

    /// Registers the app of most tests.
    pub(crate) async fn register(&self) -> TestApp {
        self.register_with(json!([CALLBACK])).await
    }

    pub(crate) async fn register_with(&self, redirect_uris: Value) -> TestApp {
        let body = json!({
            "name": "Harbour", "url": "https://app.example", "redirect_uris": redirect_uris,
            "scopes": {"read_posts": "Shows your notes", "write_posts": "Publishes your notes"},
        });
        let app = self
            .call(None, "POST", "/apps", Some(body))
            .await
            .ok()
            .json();
        TestApp {
            id: app["id"].as_str().unwrap().into(),
            credentials: credentials(&app, "mac_key_id"),
        }
    }

    /// Takes an app the whole way to a credential that has these scopes and post types.
    pub(crate) async fn log_in(&self, scopes: &str, post_types: &str) -> Credentials {
        let app = self.register().await;
        let query = format!(
            "{}&scope={scopes}&tent_post_types={}&tent_profile_info_types=all",
            app.query(CALLBACK),
            encoded(post_types)
        );
        let mut browser = Browser::default();
        browser.sign_in(self, &query).await;
        let code = browser.approve(self, &query).await;
        credentials(
            &self.exchange(&app, &code).await.ok().json(),
            "access_token",
        )
    }

    pub(crate) async fn exchange(&self, app: &TestApp, code: &str) -> Answer {
        let path = format!("/apps/{}/authorizations", app.id);
        let body = json!({"code": code, "token_type": "mac"});
        self.call(Some(&app.credentials), "POST", &path, Some(body))
            .await
    }

    /// Publishes a status and gives its id.
    pub(crate) async fn publish(
        &self,
        credentials: &Credentials,
        text: &str,
        public: bool,
    ) -> String {
        let body =
            json!({"type": STATUS, "content": {"text": text}, "permissions": {"public": public}});
        let post = self
            .call(Some(credentials), "POST", "/posts", Some(body))
            .await
            .ok()
            .json();
        post["id"].as_str().unwrap().to_owned()
    }
}

pub(crate) fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

pub(crate) fn credentials(answer: &Value, id: &str) -> Credentials {
    let text = |name: &str| answer[name].as_str().unwrap().to_owned();
    let algorithm = text("mac_algorithm").parse().unwrap();
    Credentials::new(text(id), text("mac_key"), algorithm).unwrap()
}

/// A registered app.
pub(crate) struct TestApp {
    pub(crate) id: String,
    pub(crate) credentials: Credentials,
}

impl TestApp {
    /// The query of an approval URL that asks for nothing.
    pub(crate) fn query(&self, redirect_uri: &str) -> String {
        format!(
            "client_id={}&redirect_uri={}",
            self.id,
            encoded(redirect_uri)
        )
    }
}
