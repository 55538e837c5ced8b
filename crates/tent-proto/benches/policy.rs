//! What it costs to wait for limits, try again and turn to other servers, when nothing of it is needed.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Response};
use tent_flow::policy::RateLimit;
use tent_flow::{Flow, Input, Moment, Seed, Step};
use tent_proto::mac::{Algorithm, Credentials};
use tent_proto::{Policy, Session};
use tent_testkit::bench::{Table, Work};

const SESSIONS: usize = 10_000;

fn main() {
    let mut table =
        Table::start("A call to a scripted server: policy on, beside off (1.5 µs more at most)");
    let off = session(1).with_policy(Policy::off());
    for (name, policy) in [
        ("waiting, retries, failover", Policy::default()),
        (
            "pacing, retries, failover",
            Policy::default().rate_limit(RateLimit::pace()),
        ),
    ] {
        for (with, headers) in [
            ("no limit told", HeaderMap::new()),
            ("a limit told", limits()),
        ] {
            let on = session(1).with_policy(policy.clone());
            // The time goes on, so that pacing has nothing to wait for.
            let (mut ours, mut anchors) = (0, 0);
            table.compare(
                Work::named(format!("{name}; {with}")).allocations_at_most_more(2),
                || call(&on, &headers, &mut ours),
                || call(&off, &headers, &mut anchors),
            );
        }
    }

    let mut table = Table::start("The heap of 10,000 sessions that made a call, beside 4 KiB each");
    table.compare_heaps(
        Work::named("a session, two servers, no connection").at_most(1.0),
        || {
            let sessions: Vec<_> = (0..SESSIONS).map(session).collect();
            for session in &sessions {
                call(session, &limits(), &mut 0);
            }
            sessions
        },
        || vec![1_u8; SESSIONS * 4096],
    );
}

fn session(number: usize) -> Session {
    let url = |host: &str| format!("https://{host}.person{number}.example/tent");
    let servers = ["one", "two"].map(|host| url(host).parse().expect("a URL"));
    let credentials = Credentials::new(
        format!("u:7nC2wq0Yd1kR5sV8xZ{number}"),
        "0f1e2d3c4b5a69788796a5b4c3d2e1f0",
        Algorithm::HmacSha256,
    );
    let entity = format!("https://person{number}.example");
    Session::new(
        entity.parse().expect("an entity"),
        servers.to_vec(),
        credentials.expect("a credential"),
        Seed::new([7; 32]),
    )
}

/// What a server tells of a limit of 300 per five minutes.
fn limits() -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("date", "Tue, 01 Jan 2013 00:00:00 GMT"),
        ("x-ratelimit-limit", "300"),
        ("x-ratelimit-remaining", "299"),
        ("x-ratelimit-reset", "2013-01-01T00:05:00.000Z"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers
}

/// Reads a page that is empty, at another second each time.
fn call(session: &Session, headers: &HeaderMap, seconds: &mut u64) {
    *seconds += 2;
    let now = Moment::at_epoch_seconds(1_356_998_400);
    let now = now.after(std::time::Duration::from_secs(*seconds));
    let mut flow = session.list_posts(Default::default());
    let step = flow.step(now, Input::Ready);
    assert!(
        matches!(step, Step::Do(tent_flow::Effect::Send(..))),
        "it asks at once"
    );
    let mut answer = Response::new(Bytes::from_static(b"[]"));
    *answer.headers_mut() = headers.clone();
    match flow.step(now, Input::Response(answer)) {
        Step::Done(page) => assert!(page.expect("a page").items.is_empty()),
        Step::Do(effect) => panic!("{effect:?}"),
    }
}
