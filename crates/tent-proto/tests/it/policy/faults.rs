//! A table of faults and policies: what the caller gets, and how many requests were sent.

use tent_flow::script::{Answer, Clock, Seen, run};
use tent_flow::{Delivery, TransportError, TransportErrorKind};
use tent_proto::{CallError, Policy, Post};

use super::{reset, session, success};

/// What a call came to, and how many requests it took.
fn outcome<T>(result: &Result<T, CallError>, requests: usize) -> String {
    let what = match result {
        Ok(_) => "ok".to_owned(),
        Err(CallError::NoAnswer { .. }) => "no answer".to_owned(),
        Err(CallError::OutcomeUnknown { .. }) => "unknown".to_owned(),
        Err(CallError::RateLimited { .. }) => "limited".to_owned(),
        Err(CallError::Decode { .. }) => "not read".to_owned(),
        Err(error) => error
            .status()
            .map_or_else(String::new, |status| status.as_str().to_owned()),
    };
    format!("{what} {requests}")
}

/// Makes a call to a server that answers so many times with a fault, and then as it should. Nobody
/// answers for the entity.
fn play(fault: fn() -> Answer, times: usize, policy: &Policy, is_post: bool) -> String {
    let session = session().with_policy(policy.clone());
    let mut clock = Clock::at_epoch_seconds(1_356_998_400);
    let mut requests = 0;
    let mut peer = |asked: &Seen| {
        if asked.url.host_str() == Some("alice.example") {
            return Answer::refuses_connection();
        }
        requests += 1;
        if requests > times {
            success(asked)
        } else {
            fault()
        }
    };
    if is_post {
        let flow = session.create_post(&Post::status("Hello"));
        let result = run(flow, &mut clock, &mut peer);
        outcome(&result, requests)
    } else {
        let flow = session.list_posts(Default::default());
        let result = run(flow, &mut clock, &mut peer);
        outcome(&result, requests)
    }
}

fn failure(kind: TransportErrorKind) -> Answer {
    TransportError::new(kind, Delivery::Possible).into()
}

fn refused(status: u16, text: &str) -> Answer {
    Answer::status(status).body(format!(r#"{{"error":"{text}"}}"#))
}

fn stale() -> Answer {
    refused(401, "Stale MAC Timestamp").header("date", "Tue, 01 Jan 2013 10:00:00 GMT")
}

/// The fault; what a `GET` comes to without and with the policy, and a `POST` without and with it, when
/// it happens once; and when it does not end.
type Row = (
    &'static str,
    fn() -> Answer,
    [&'static str; 4],
    [&'static str; 4],
);

#[rustfmt::skip]
const TABLE: &[Row] = &[
    ("refused connection", || Answer::refuses_connection(),
        ["no answer 1", "ok 2", "no answer 1", "ok 2"],
        ["no answer 1", "no answer 3", "no answer 1", "no answer 3"]),
    ("reset", reset,
        ["no answer 1", "ok 2", "unknown 1", "unknown 1"],
        ["no answer 1", "no answer 3", "unknown 1", "unknown 1"]),
    ("no answer in time", || Answer::times_out(),
        ["no answer 1", "ok 2", "unknown 1", "unknown 1"],
        ["no answer 1", "no answer 3", "unknown 1", "unknown 1"]),
    ("an answer that is too large", || failure(TransportErrorKind::TooLarge),
        ["no answer 1", "no answer 1", "unknown 1", "unknown 1"],
        ["no answer 1", "no answer 1", "unknown 1", "unknown 1"]),
    ("a forbidden address", || TransportError::new(TransportErrorKind::AddressRefused, Delivery::NotSent).into(),
        ["no answer 1", "no answer 1", "no answer 1", "no answer 1"],
        ["no answer 1", "no answer 1", "no answer 1", "no answer 1"]),
    ("500", || refused(500, "Internal Server Error"),
        ["500 1", "ok 2", "500 1", "500 1"],
        ["500 1", "500 3", "500 1", "500 1"]),
    ("501", || refused(501, "Not Implemented"),
        ["501 1", "501 1", "501 1", "501 1"],
        ["501 1", "501 1", "501 1", "501 1"]),
    ("503 with a time", || refused(503, "Busy").header("retry-after", "7"),
        ["503 1", "ok 2", "503 1", "503 1"],
        ["503 1", "503 3", "503 1", "503 1"]),
    ("503 beyond the budget", || refused(503, "Busy").header("retry-after", "3600"),
        ["503 1", "503 1", "503 1", "503 1"],
        ["503 1", "503 1", "503 1", "503 1"]),
    ("429 with Retry-After", || refused(429, "Slow down").header("retry-after", "7"),
        ["429 1", "ok 2", "429 1", "ok 2"],
        ["429 1", "limited 129", "429 1", "limited 129"]),
    ("429 with a date", || refused(429, "Slow down").header("retry-after", "Tue, 01 Jan 2013 00:00:09 GMT"),
        ["429 1", "ok 2", "429 1", "ok 2"],
        ["429 1", "limited *", "429 1", "limited *"]),
    ("429 with a reset", || refused(429, "Slow down").header("x-ratelimit-reset", "100"),
        ["429 1", "ok 2", "429 1", "ok 2"],
        ["429 1", "limited 10", "429 1", "limited 10"]),
    ("429 with a reset in the past", || refused(429, "Slow down").header("x-ratelimit-reset", "1356998399"),
        ["429 1", "ok 2", "429 1", "ok 2"],
        ["429 1", "limited *", "429 1", "limited *"]),
    ("429 alone", || refused(429, "Slow down"),
        ["429 1", "ok 2", "429 1", "ok 2"],
        ["429 1", "limited *", "429 1", "limited *"]),
    ("429 beyond what is waited", || refused(429, "Slow down").header("retry-after", "3600"),
        ["429 1", "limited 1", "429 1", "limited 1"],
        ["429 1", "limited 1", "429 1", "limited 1"]),
    ("stale timestamp", stale,
        ["ok 2", "ok 2", "ok 2", "ok 2"],
        ["401 2", "401 2", "401 2", "401 2"]),
    ("stale timestamp without Date", || refused(401, "Stale MAC Timestamp"),
        ["401 1", "401 1", "401 1", "401 1"],
        ["401 1", "401 1", "401 1", "401 1"]),
    ("used nonce", || refused(401, "Replayed MAC Nonce").header("date", "Tue, 01 Jan 2013 10:00:00 GMT"),
        ["401 1", "401 1", "401 1", "401 1"],
        ["401 1", "401 1", "401 1", "401 1"]),
    ("dead credential", || refused(401, "Invalid MAC Key ID").header("date", "Tue, 01 Jan 2013 10:00:00 GMT"),
        ["401 1", "401 1", "401 1", "401 1"],
        ["401 1", "401 1", "401 1", "401 1"]),
    ("403", || refused(403, "Unauthorized"),
        ["403 1", "403 1", "403 1", "403 1"],
        ["403 1", "403 1", "403 1", "403 1"]),
    ("404", || refused(404, "Not Found"),
        ["404 1", "404 1", "404 1", "404 1"],
        ["404 1", "404 1", "404 1", "404 1"]),
    ("a page where JSON should be", || Answer::status(200).header("content-type", "text/html").body("<html>"),
        ["not read 1", "not read 1", "not read 1", "not read 1"],
        ["not read 1", "not read 1", "not read 1", "not read 1"]),
    ("half of the JSON", || Answer::json("[{\"id\":"),
        ["not read 1", "not read 1", "not read 1", "not read 1"],
        ["not read 1", "not read 1", "not read 1", "not read 1"]),
    ("a redirect on the server", || Answer::status(307).header("location", "/elsewhere"),
        ["ok 2", "ok 2", "307 1", "307 1"],
        ["307 6", "307 6", "307 1", "307 1"]),
    ("a redirect elsewhere", || Answer::status(302).header("location", "https://evil.example/posts"),
        ["302 1", "302 1", "302 1", "302 1"],
        ["302 1", "302 1", "302 1", "302 1"]),
];

#[test]
fn each_fault_under_each_policy() {
    let policies = [Policy::off(), Policy::default()];
    for (name, fault, once, always) in TABLE {
        for (times, expected) in [(1, once), (usize::MAX, always)] {
            let mut cells = expected.iter();
            for is_post in [false, true] {
                for policy in &policies {
                    let outcome = play(*fault, times, policy, is_post);
                    let expected = cells.next().unwrap();
                    let agrees = match expected.strip_suffix('*') {
                        Some(what) => outcome.starts_with(what),
                        None => outcome == *expected,
                    };
                    assert!(
                        agrees,
                        "{name}, {times} times, post: {is_post}, {policy:?}: {outcome}, not {expected}"
                    );
                }
            }
        }
    }
}
