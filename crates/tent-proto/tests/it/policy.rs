//! What a session does about limits, failures and dead servers.

mod clock;
mod failover;
mod find_post;
mod limits;
mod redirects;

use tent_flow::script::{Answer, Seen};
use tent_flow::{Delivery, Seed, TransportError, TransportErrorKind};
use tent_proto::mac::{Algorithm, Credentials, Header};
use tent_proto::{Entity, Session};

const A: &str = "https://a.example/posts";
const B: &str = "https://b.example/posts";

fn session_signing_as(id: &str, servers: &[&str]) -> Session {
    let entity: Entity = "https://alice.example".parse().unwrap();
    let servers = servers.iter().map(|root| root.parse().unwrap()).collect();
    let credentials = Credentials::new(id, "k", Algorithm::HmacSha256).unwrap();
    Session::new(entity, servers, credentials, Seed::new([7; 32]))
}

fn session_of(servers: &[&str]) -> Session {
    session_signing_as("u:1", servers)
}

/// A session with one server.
fn session() -> Session {
    session_of(&["https://a.example"])
}

fn two_servers() -> Session {
    session_of(&["https://a.example", "https://b.example"])
}

/// What answers any `GET` and `POST` of posts.
fn success(asked: &Seen) -> Answer {
    match asked.method.as_str() {
        "POST" => Answer::json(r#"{"id":"p1"}"#),
        _ => Answer::json("[]"),
    }
}

fn reset() -> Answer {
    TransportError::new(TransportErrorKind::Broken, Delivery::Possible).into()
}

/// The signature of a request.
fn signature(asked: &Seen) -> (u64, String) {
    let header = Header::parse(asked.header("authorization")).unwrap();
    (header.timestamp(), header.nonce().to_owned())
}
