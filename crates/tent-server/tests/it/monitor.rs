//! What an operator asks.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use http::{Request, StatusCode};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tower::ServiceExt as _;

use crate::federation::alice_and_bob;
use crate::neighbour::status;
use crate::world::{ROOT, START, STATUS, World, builder, encoded};

pub(crate) async fn ask(router: &Router, path: &str) -> (StatusCode, String) {
    let request = Request::get(path).body(Body::empty()).unwrap();
    let (head, body) = router.clone().oneshot(request).await.unwrap().into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    (head.status, String::from_utf8(body.to_vec()).unwrap())
}

/// The value of a metric.
fn value(metrics: &str, name: &str) -> Option<String> {
    let line = |line: &str| {
        line.strip_prefix(name)?
            .strip_prefix(' ')
            .map(str::to_owned)
    };
    metrics.lines().find_map(line)
}

#[tokio::test]
async fn answers_are_counted_by_route() {
    let clock = Arc::new(AtomicI64::new(START));
    let server = builder(&clock).build().await.unwrap();
    let monitor = server.monitor();
    let world = World::of(server.router(), clock, ROOT);
    let user = world.log_in("read_posts,write_posts", STATUS).await;
    let post = world.publish(&user, "Private thoughts", true).await;
    for _ in 0..3 {
        world.get(&format!("/posts/{post}")).await.ok();
    }
    world.get("/posts/nothing").await;
    world.get("").await.ok();
    let (status, metrics) = ask(&monitor, "/metrics").await;
    assert_eq!(status, StatusCode::OK);
    for (metric, expected) in [
        (
            r#"tent_http_requests_total{method="GET",route="/posts/{id}",status="200"}"#,
            "3",
        ),
        (
            r#"tent_http_requests_total{method="GET",route="/posts/{id}",status="404"}"#,
            "1",
        ),
        (
            r#"tent_http_requests_total{method="POST",route="/posts",status="200"}"#,
            "1",
        ),
        (
            r#"tent_http_requests_total{method="GET",route="page",status="200"}"#,
            "1",
        ),
        (
            r#"tent_http_request_duration_seconds_count{route="/posts/{id}"}"#,
            "4",
        ),
        ("tent_http_requests_in_flight", "0"),
        ("tent_entities", "1"),
        ("tent_deliveries_waiting", "0"),
    ] {
        assert_eq!(
            value(&metrics, metric).as_deref(),
            Some(expected),
            "{metric}: {metrics}"
        );
    }
    assert!(metrics.ends_with("# EOF\n"), "{metrics}");
    for private in ["alice", "Private", &post, user.id()] {
        assert!(!metrics.contains(private), "{private}: {metrics}");
    }
}

#[tokio::test]
async fn deliveries_are_counted() {
    let (alice, bob) = alice_and_bob().await;
    let monitor = alice.server.monitor();
    alice.post(status("one")).await;
    alice.server.settle().await;
    bob.set_up(false);
    alice.post(status("two")).await;
    alice.server.settle().await;
    let (_, metrics) = ask(&monitor, "/metrics").await;
    let delivered = value(
        &metrics,
        r#"tent_delivery_attempts_total{outcome="delivered"}"#,
    );
    assert!(delivered.is_some(), "{metrics}");
    let postponed = value(
        &metrics,
        r#"tent_delivery_attempts_total{outcome="postponed"}"#,
    );
    assert_eq!(postponed.as_deref(), Some("1"), "{metrics}");
    assert_eq!(
        value(&metrics, "tent_deliveries_waiting").as_deref(),
        Some("1")
    );
}

#[tokio::test]
async fn a_server_that_is_about_to_stop_is_not_ready_and_still_serves() {
    let clock = Arc::new(AtomicI64::new(START));
    let server = builder(&clock).build().await.unwrap();
    let (monitor, world) = (server.monitor(), World::of(server.router(), clock, ROOT));
    assert_eq!(ask(&monitor, "/readyz").await.0, StatusCode::OK);
    assert_eq!(world.get("/profile").await.header("connection"), "");
    server.retire();
    let (status, text) = ask(&monitor, "/readyz").await;
    assert_eq!((status.as_u16(), text.as_str()), (503, "stopping\n"));
    assert_eq!(ask(&monitor, "/healthz").await.0, StatusCode::OK);
    let answer = world.get("/profile").await.ok();
    assert_eq!(answer.header("connection"), "close");
}

#[tokio::test]
async fn health_is_told_under_whatever_host_and_the_rest_is_not() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let clock = Arc::new(AtomicI64::new(START));
    let server = builder(&clock).build().await.unwrap();
    tokio::spawn(server.serve(listener, std::future::pending()));
    for (path, status) in [
        ("/healthz", 200),
        ("/readyz", 200),
        ("/metrics", 421),
        ("/", 421),
    ] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: 10.0.0.1\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status} ")),
            "{answer}"
        );
    }
}

/// Asks under a host of the network behind a proxy, which says what it was asked for.
async fn forwarded(world: &World, peer: &str, fields: &[(&str, &str)]) -> u16 {
    let peer: SocketAddr = peer.parse().unwrap();
    let mut request = Request::get(world.target("/profile"))
        .header("host", "10.0.0.1:7878")
        .extension(ConnectInfo(peer));
    for (name, value) in fields {
        request = request.header(*name, *value);
    }
    let request = request.body(Body::empty()).unwrap();
    world.send(request).await.status.as_u16()
}

#[tokio::test]
async fn the_host_is_what_a_known_proxy_says() {
    let world = World::built(|server| server.proxy("127.0.0.1".parse().unwrap())).await;
    let (proxy, other) = ("127.0.0.1:1", "192.0.2.1:1");
    let host = "x-forwarded-host";
    for (peer, fields, status) in [
        (proxy, &[][..], 421),
        (proxy, &[(host, "alice.example")], 200),
        (proxy, &[(host, "evil.example, alice.example")], 200),
        (proxy, &[(host, "alice.example, evil.example")], 421),
        (proxy, &[(host, "alice.example:443")], 200),
        (
            proxy,
            &[(host, "alice.example"), ("x-forwarded-port", "443")],
            200,
        ),
        (
            proxy,
            &[(host, "alice.example"), ("x-forwarded-port", "8443")],
            421,
        ),
        (proxy, &[(host, "a b")], 400),
        (other, &[(host, "alice.example")], 421),
    ] {
        assert_eq!(
            forwarded(&world, peer, fields).await,
            status,
            "{peer} {fields:?}"
        );
    }
}

#[tokio::test]
async fn a_signature_is_made_for_the_host_that_the_proxy_was_asked_for() {
    let world = World::built(|server| server.proxy("127.0.0.1".parse().unwrap())).await;
    let user = world.log_in("read_posts", &encoded(STATUS)).await;
    let signed = world.sign(&user, "GET", "/posts");
    let peer: SocketAddr = "127.0.0.1:1".parse().unwrap();
    let request = Request::get(world.target("/posts"))
        .header("host", "10.0.0.1:7878")
        .header("x-forwarded-host", "alice.example")
        .header("authorization", signed)
        .extension(ConnectInfo(peer));
    let answer = world.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.ok().json(), json!([]));
}

#[tokio::test]
async fn every_metric_is_documented() {
    let document = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/operating.md");
    let document = std::fs::read_to_string(document).unwrap();
    // A counter is there once it counted something.
    let (alice, _bob) = alice_and_bob().await;
    alice.post(status("one")).await;
    alice.server.settle().await;
    let (_, metrics) = ask(&alice.server.monitor(), "/metrics").await;
    let types = metrics
        .lines()
        .filter_map(|line| line.strip_prefix("# TYPE "));
    let mut documented = 0;
    for metric in types {
        let (name, kind) = metric.split_once(' ').unwrap();
        let end = match kind {
            "counter" => "_total",
            "info" => "_info",
            _ => "",
        };
        assert!(document.contains(&format!("| `{name}{end}` |")), "{metric}");
        documented += 1;
    }
    let rows = document.lines().filter(|line| line.starts_with("| `tent_"));
    assert_eq!(rows.count(), documented, "there is no other");
}
