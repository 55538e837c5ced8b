//! Limits of requests, and our own client under them.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use axum::body::Body;
use axum::extract::ConnectInfo;
use http::StatusCode;
use http::header::RETRY_AFTER;
use serde_json::json;
use tent_flow::Seed;
use tent_flow::policy::RateLimit;
use tent_flow::script::{Clock, run};
use tent_proto::mac::{Algorithm, Credentials, Header};
use tent_proto::{CallError, Policy, Post, Session};
use tent_server::{Limit, Limits, ServerBuilder};
use tokio::runtime::Runtime;

use crate::world::{Answer, ENTITY, ROOT, START, STATUS, World, builder};

async fn world(set: impl FnOnce(ServerBuilder) -> ServerBuilder) -> World {
    let clock = Arc::new(AtomicI64::new(START));
    let server = set(builder(&clock)).build().await.unwrap();
    World::of(server.router(), clock, ROOT)
}

/// Asks from an address, perhaps through a proxy that names another.
async fn from(world: &World, address: &str, forwarded: Option<&str>, path: &str) -> Answer {
    let peer: SocketAddr = format!("{address}:1234").parse().unwrap();
    let mut request = world
        .request("GET", &world.target(path))
        .extension(ConnectInfo(peer));
    if let Some(forwarded) = forwarded {
        request = request.header("x-forwarded-for", forwarded);
    }
    world.send(request.body(Body::empty()).unwrap()).await
}

fn told(answer: &Answer) -> [i64; 3] {
    ["limit", "remaining", "reset"].map(|name| {
        let value = answer.header(format!("x-ratelimit-{name}"));
        value
            .parse()
            .unwrap_or_else(|_| panic!("{name}: {answer:?}"))
    })
}

#[tokio::test]
async fn every_answer_tells_how_it_stands_and_a_refusal_how_long_to_wait() {
    let limits = Limits::none().address(Limit::new(3, 30));
    let world = world(|server| server.limits(limits)).await;
    for remaining in [2, 1, 0] {
        let answer = world.get("/profile").await.ok();
        assert_eq!(told(&answer), [3, remaining, START + 30 - 10 * remaining]);
    }
    let refused = world.get("/profile").await;
    assert_eq!(refused.error(), (429, "Too Many Requests".into()));
    assert_eq!(
        (refused.header(RETRY_AFTER), told(&refused)),
        ("10", [3, 0, START + 30])
    );
    world.wait(10);
    world.get("/profile").await.ok();
    assert_eq!(world.get("/profile").await.status, 429);
}

#[tokio::test]
async fn each_credential_has_a_limit_of_its_own() {
    let limits = Limits::none().credential(Limit::new(4, 60));
    let world = world(|server| server.limits(limits)).await;
    let (one, other) = (
        world.log_in("read_posts", STATUS).await,
        world.log_in("read_posts", STATUS).await,
    );
    for user in [&one, &other] {
        for status in [200, 200, 200, 200, 429] {
            let answer = world.call(Some(user), "GET", "/posts", None).await;
            assert_eq!(answer.status, status, "{answer:?}");
        }
    }
    // Whoever names it without its key takes nothing from it.
    world.wait(60);
    let forged = Credentials::new(one.id(), "x", Algorithm::HmacSha256).unwrap();
    for _ in 0..10 {
        assert_eq!(
            world
                .call(Some(&forged), "GET", "/posts", None)
                .await
                .status,
            403
        );
    }
    world.call(Some(&one), "GET", "/posts", None).await.ok();
    // And those without one are not held up by it.
    world.get("/posts").await.ok();
}

#[tokio::test]
async fn bad_signatures_count_for_the_address() {
    let limits = Limits::none()
        .address(Limit::new(2, 60))
        .stranger(Limit::new(1, 60));
    let world = world(|server| server.limits(limits)).await;
    let nobody = Credentials::new("u:1", "x", Algorithm::HmacSha256).unwrap();
    for status in [401, 401, 429] {
        assert_eq!(
            world
                .call(Some(&nobody), "GET", "/posts", None)
                .await
                .status,
            status
        );
    }
    for status in [401, 429] {
        assert_eq!(
            world
                .call(Some(&nobody), "POST", "/posts", None)
                .await
                .status,
            status
        );
    }
}

#[tokio::test]
async fn what_strangers_can_cause_is_limited_by_itself() {
    let limits = Limits::none().stranger(Limit::new(2, 60));
    let world = world(|server| server.limits(limits)).await;
    let app = json!({"name": "A", "url": "https://a.example"});
    for (path, body) in [
        ("/apps", app.clone()),
        ("/followers", json!({"entity": "https://b.example"})),
        ("/posts", json!({"type": STATUS, "content": {}})),
        ("/oauth/authorize", json!({})),
    ] {
        world.wait(60);
        for _ in 0..2 {
            let answer = world.call(None, "POST", path, Some(body.clone())).await;
            assert_ne!(answer.status, StatusCode::TOO_MANY_REQUESTS, "{path}");
        }
        let refused = world.call(None, "POST", path, Some(body)).await;
        assert_eq!(
            (refused.status.as_u16(), refused.header(RETRY_AFTER)),
            (429, "30"),
            "{path}"
        );
    }
    for _ in 0..10 {
        world.get("/profile").await.ok();
    }
}

#[tokio::test]
async fn an_address_is_that_of_the_connection_or_what_a_known_proxy_says() {
    let limits = Limits::none().address(Limit::new(1, 60));
    let world = world(|server| server.limits(limits).proxy("127.0.0.1".parse().unwrap())).await;
    for (address, forwarded, status) in [
        ("192.0.2.1", None, 200),
        ("192.0.2.1", None, 429),
        ("192.0.2.1", Some("192.0.2.9"), 429), // it is no proxy
        ("127.0.0.1", Some("192.0.2.1"), 429),
        ("127.0.0.1", Some("192.0.2.1, 192.0.2.2"), 200), // the client made up the first
        ("127.0.0.1", Some("192.0.2.3, 192.0.2.2"), 429),
        ("192.0.2.3", None, 200),
    ] {
        let answer = from(&world, address, forwarded, "/profile").await;
        assert_eq!(answer.status, status, "{address} {forwarded:?}");
    }
}

/// Our own client and the server, on one clock: the client's, which its signatures tell.
struct Pair {
    runtime: Runtime,
    world: World,
    clock: Clock,
    session: Session,
    statuses: Vec<u16>,
}

impl Pair {
    fn new(limit: Limit, rule: RateLimit) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = { runtime }.enable_all().build().unwrap();
        let (world, user) = runtime.block_on(async {
            let limits = Limits::none().credential(limit);
            let world = world(|server| server.limits(limits)).await;
            let user = world.log_in("read_posts,write_posts", STATUS).await;
            (world, user)
        });
        let servers = vec![ROOT.parse().unwrap()];
        let session = Session::new(ENTITY.parse().unwrap(), servers, user, Seed::new([7; 32]));
        Self {
            runtime,
            world,
            clock: Clock::at_epoch_seconds(START.unsigned_abs()),
            session: session.with_policy(Policy::default().rate_limit(rule)),
            statuses: Vec::new(),
        }
    }

    fn publish(&mut self) -> Result<Post, CallError> {
        let flow = self.session.create_post(&Post::status("Hello"));
        run(flow, &mut self.clock, |seen| {
            let signed = Header::parse(seen.header("authorization")).unwrap();
            let now = i64::try_from(signed.timestamp()).unwrap();
            self.world.clock.store(now, Ordering::Relaxed);
            let mut request = self.world.request(seen.method.as_str(), seen.url.path());
            request.headers_mut().unwrap().extend(seen.headers.clone());
            let request = request.body(Body::from(seen.body.clone())).unwrap();
            let answer = self.runtime.block_on(self.world.send(request));
            self.statuses.push(answer.status.as_u16());
            let mut response = http::Response::new(answer.body.to_vec());
            (*response.status_mut(), *response.headers_mut()) = (answer.status, answer.headers);
            response.into()
        })
    }

    fn waited(&self) -> Duration {
        self.clock.waits().iter().sum()
    }
}

#[test]
fn our_client_waits_as_long_as_it_is_told_and_is_never_refused() {
    let mut pair = Pair::new(Limit::new(10, 60), RateLimit::Wait);
    for _ in 0..25 {
        pair.publish().unwrap();
    }
    assert_eq!(pair.statuses, [200; 25]);
    assert_eq!(pair.waited(), Duration::from_secs(120));
}

#[test]
fn our_client_that_paces_itself_is_never_refused_and_never_waits_for_long() {
    let mut pair = Pair::new(Limit::new(10, 60), RateLimit::pace());
    for _ in 0..50 {
        pair.publish().unwrap();
    }
    assert_eq!(pair.statuses, [200; 50]);
    let longest = pair.clock.waits().iter().max().unwrap();
    assert!(*longest <= Duration::from_secs(12), "{longest:?}");
    let (least, most) = (Duration::from_secs(200), Duration::from_secs(320));
    assert!(
        (least..most).contains(&pair.waited()),
        "{:?}",
        pair.waited()
    );
}

#[test]
fn a_client_that_was_refused_comes_again_when_it_may() {
    let mut pair = Pair::new(Limit::new(2, 60), RateLimit::Throw);
    pair.publish().unwrap();
    pair.publish().unwrap();
    let refused = pair.publish().unwrap_err();
    let is_limit = matches!(&refused, CallError::Refused(refusal) if refusal.status() == 429);
    assert!(is_limit, "{refused:?}");
    // One that does not know of it, since others with its credential have used it up.
    let policy = Policy::default().rate_limit(RateLimit::Wait);
    let (entity, servers) = (ENTITY.parse().unwrap(), vec![ROOT.parse().unwrap()]);
    let credentials = pair.session.credentials().unwrap().clone();
    pair.session =
        Session::new(entity, servers, credentials, Seed::new([8; 32])).with_policy(policy);
    pair.publish().unwrap();
    assert_eq!(pair.statuses, [200, 200, 429, 429, 200]);
    assert!(
        pair.waited() >= Duration::from_secs(30),
        "{:?}",
        pair.waited()
    );
}
