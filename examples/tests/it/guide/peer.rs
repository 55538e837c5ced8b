//! A server that has one of everything, and remembers what it was asked.

use std::sync::{Arc, Mutex};
use std::thread;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::{Method, StatusCode, header};
use serde_json::{Value, json};
use tent_flow::{Flow, Input, Moment, Sink, Step, TransportError};

pub(super) struct Peer {
    pub(super) root: String,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    asked: Mutex<Vec<String>>,
    refusal: Mutex<Option<(u16, String)>>,
}

impl Peer {
    pub(super) fn start() -> Self {
        let shared = Arc::new(Shared::default());
        let (sender, receiver) = std::sync::mpsc::channel();
        let state = Arc::clone(&shared);
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            runtime.unwrap().block_on(async {
                let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
                sender.send(listener.local_addr().unwrap()).unwrap();
                let router = Router::new().fallback(answer).with_state(state);
                axum::serve(listener, router).await.unwrap();
            });
        });
        Self {
            root: format!("http://{}", receiver.recv().unwrap()),
            shared,
        }
    }

    /// What was asked since the last time: methods, paths and queries.
    pub(super) fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.shared.asked.lock().unwrap())
    }

    /// Refuses everything from now on.
    pub(super) fn refuse(&self, status: u16, text: &str) {
        *self.shared.refusal.lock().unwrap() = Some((status, text.to_owned()));
    }
}

async fn answer(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let (method, uri) = (request.method().clone(), request.uri().clone());
    let host = request.headers()[header::HOST].to_str().unwrap().to_owned();
    let known = request.headers().contains_key(header::IF_NONE_MATCH);
    // The body is read, so that the connection can be used again.
    axum::body::to_bytes(request.into_body(), usize::MAX)
        .await
        .unwrap();
    let mark = if known { " 304" } else { "" };
    let asked = format!("{method} {uri}{mark}");
    shared.asked.lock().unwrap().push(asked);
    if let Some((status, text)) = shared.refusal.lock().unwrap().clone() {
        let status = StatusCode::from_u16(status).unwrap();
        return (status, json!({ "error": text }).to_string()).into_response();
    }
    if known {
        return StatusCode::NOT_MODIFIED.into_response();
    }
    let link = r#"</profile>; rel="https://tent.io/rels/profile""#;
    let fields = [("link", link), ("count", "2"), ("etag", "\"1\"")];
    let is_page = uri.path() == "/";
    let fields: Vec<_> = if is_page {
        fields[..1].to_vec()
    } else {
        fields[1..].to_vec()
    };
    (
        axum::response::AppendHeaders(fields),
        body(&method, &uri, &host),
    )
        .into_response()
}

/// One of what was asked for; of a list the first page holds it.
fn body(method: &Method, uri: &http::Uri, host: &str) -> Vec<u8> {
    if method == Method::DELETE || method == Method::HEAD {
        return Vec::new();
    }
    let path = uri.path();
    let is_list = matches!(
        path,
        "/posts" | "/followers" | "/followings" | "/groups" | "/apps"
    ) || path.ends_with("/versions");
    let one = match path.split('/').nth(1).unwrap() {
        "posts" if path.contains("/attachments/") => return b"PNG".to_vec(),
        "posts" => json!({"id": "p1", "entity": "https://bob.example", "version": 1,
            "type": "https://tent.io/types/post/status/v0.1.0", "content": {"text": "Hello"}}),
        "profile" if path == "/profile" || method == Method::PUT => profile(host),
        "profile" => json!({"name": "Alice"}),
        "apps" if path.ends_with("/authorizations") => {
            json!({"access_token": "u:1", "mac_key": "5ecret",
            "refresh_token": "r2", "tent_expires_at": 99_999_999_999_i64})
        }
        "apps" => json!({"id": "app1", "name": "Harbour", "mac_key_id": "a:1", "mac_key": "5ecret",
            "authorizations": [{"id": "z1"}]}),
        "groups" => json!({"id": "g1", "name": "crew"}),
        "tides" => json!(140),
        _ => json!({"id": "f0", "entity": "https://bob.example"}),
    };
    let answer = match (is_list && method == Method::GET, uri.query()) {
        (true, Some(query)) if query.contains("before_") => json!([]),
        (true, _) => json!([one]),
        (false, _) => one,
    };
    answer.to_string().into_bytes()
}

fn profile(host: &str) -> Value {
    let root = format!("http://{host}");
    json!({
        "https://tent.io/types/info/core/v0.1.0": {"entity": root, "servers": [root]},
        "https://tent.io/types/info/basic/v0.1.0": {"name": "Alice", "version": 1},
    })
}

/// One request of a flow, as a flow.
pub(super) struct Once(Option<(tent_flow::Request, Box<dyn Sink>)>);

impl Once {
    pub(super) fn new(request: tent_flow::Request, sink: Box<dyn Sink>) -> Self {
        Self(Some((request, sink)))
    }
}

impl Flow for Once {
    type Output = Result<Input, TransportError>;

    fn step(&mut self, _: Moment, input: Input) -> Step<Self::Output> {
        match (self.0.take(), input) {
            (Some((request, sink)), _) => Step::Do(tent_flow::Effect::Send(request, sink)),
            (None, Input::Failed(error)) => Step::Done(Err(error)),
            (None, input) => Step::Done(Ok(input)),
        }
    }
}
