//! The servers' side: one account that all servers of an entity serve.

use std::collections::BTreeSet;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, DATE, LINK};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use serde_json::{Value, json};
use tent_proto::mac::Header;

/// 1 January 2013, the time by the clock of all servers, in epoch seconds. It stands still.
pub(super) const NOW: u64 = 1_356_998_400;

/// What a server of one account has published, and what it was told.
#[derive(Debug, Default)]
pub struct World {
    posts: Vec<Value>,
    signatures: BTreeSet<String>,
    nonces: BTreeSet<String>,
    reused: Vec<String>,
    /// What the entity's page leads to, if anything.
    profile: Option<Value>,
}

impl World {
    /// Answers a request that arrived.
    pub fn answer(&mut self, request: &Request<Bytes>) -> Response<Bytes> {
        if let Some(refused) = self.authorize(request) {
            return refused;
        }
        match *request.method() {
            Method::POST => self.publish(request.body()),
            _ => {
                let is_first = !request
                    .uri()
                    .query()
                    .is_some_and(|query| query.contains("before_id"));
                let page = if is_first { self.posts.as_slice() } else { &[] };
                answer(StatusCode::OK, &json!(page))
            }
        }
    }

    /// Has the entity's own page lead to a profile that names this server.
    pub(super) fn found_at(&mut self, entity: &str, server: &str) {
        let core = json!({"entity": entity, "servers": [server]});
        self.profile = Some(json!({"https://tent.io/types/info/core/v0.1.0": core}));
    }

    /// Answers a request that arrived at the entity's own page.
    pub(super) fn answer_at_home(&self, request: &Request<Bytes>) -> Response<Bytes> {
        assert!(!request.headers().contains_key(AUTHORIZATION), "signed");
        let Some(profile) = &self.profile else {
            return answer(StatusCode::NOT_FOUND, &json!({}));
        };
        let mut answer = answer(StatusCode::OK, profile);
        let link = HeaderValue::from_static("</profile>; rel=\"https://tent.io/rels/profile\"");
        answer.headers_mut().insert(LINK, link);
        answer
    }

    fn authorize(&mut self, request: &Request<Bytes>) -> Option<Response<Bytes>> {
        let value = request.headers().get(AUTHORIZATION)?.to_str().ok()?;
        let header = Header::parse(value).ok()?;
        if !self.signatures.insert(value.to_owned()) {
            self.reused.push(format!("the signature {value}"));
        }
        if !self.nonces.insert(header.nonce().to_owned()) {
            self.reused.push(format!("the nonce {}", header.nonce()));
        }
        // Clients under test wait an hour at most, on their own clock.
        let is_stale = header.timestamp().abs_diff(NOW) > 2 * 3600;
        let error = json!({"error": "Stale MAC Timestamp"});
        is_stale.then(|| answer(StatusCode::UNAUTHORIZED, &error))
    }

    fn publish(&mut self, body: &Bytes) -> Response<Bytes> {
        let Ok(mut post) = serde_json::from_slice::<Value>(body) else {
            return answer(StatusCode::BAD_REQUEST, &json!({"error": "no JSON"}));
        };
        post["id"] = json!(format!("p{}", self.posts.len()));
        post["entity"] = json!("https://alice.example");
        post["published_at"] = json!(NOW);
        self.posts.push(post.clone());
        answer(StatusCode::OK, &post)
    }

    /// How many posts were published.
    pub const fn published(&self) -> usize {
        self.posts.len()
    }

    /// Checks what must be so whatever happens.
    ///
    /// # Panics
    ///
    /// When a nonce or a signature came twice, or a post did.
    pub fn check(&self) {
        assert!(self.reused.is_empty(), "came twice: {:?}", self.reused);
        assert!(self.posts.len() <= 1, "published twice");
    }
}

fn answer(status: StatusCode, body: &Value) -> Response<Bytes> {
    let mut answer = Response::new(Bytes::from(body.to_string()));
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("application/vnd.tent.v0+json"),
    );
    headers.insert(
        DATE,
        HeaderValue::from_static("Tue, 01 Jan 2013 00:00:00 GMT"),
    );
    answer
}
