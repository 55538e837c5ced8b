//! Limits: waits, their bounds, and what clones share.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tent_flow::policy::{Limiters, RateLimit, Retry};
use tent_flow::script::{Answer, Script};
use tent_flow::{Effect, Flow, Input, Moment, Step};
use tent_proto::call::GetPost;
use tent_proto::{CallError, Policy, Session, WaitReason};

use super::{A, B, session, session_signing_as, two_servers};

const SECOND: Duration = Duration::from_secs(1);

fn limited(remaining: &str, reset: &str) -> Answer {
    Answer::json("[]")
        .header("x-ratelimit-limit", "300")
        .header("x-ratelimit-remaining", remaining)
        .header("x-ratelimit-reset", reset)
}

fn list(session: &Session) -> impl Flow<Output = Result<usize, CallError>> + use<> {
    struct Count<F>(F);
    impl<F, T, L> Flow for Count<F>
    where
        F: Flow<Output = Result<tent_proto::Page<T, L>, CallError>>,
    {
        type Output = Result<usize, CallError>;

        fn step(&mut self, now: Moment, input: Input) -> Step<Self::Output> {
            let page = self.0.step(now, input);
            page.map(|page| page.map(|page| page.items.len()))
        }
    }
    Count(session.list_posts(Default::default()))
}

#[test]
fn every_wait_is_told_and_counted() {
    let told = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&told);
    let policy = Policy::default().on_wait(move |wait| {
        let told = (wait.reason, wait.time, wait.server.to_string());
        log.lock().unwrap().push(told);
    });
    let session = session().with_policy(policy);
    let mut script = Script::new()
        .on("GET", A, Answer::status(429).header("retry-after", "9"))
        .on("GET", A, Answer::status(503).header("retry-after", "5"))
        .on("GET", A, limited("0", "1356998520"))
        .on("GET", A, limited("299", "1356998820"));
    script.run(list(&session)).unwrap();
    script.run(list(&session)).unwrap();
    let a = || "https://a.example".to_owned();
    assert_eq!(
        *told.lock().unwrap(),
        [
            (WaitReason::RateLimit, 9 * SECOND, a()),
            (WaitReason::Retry, 5 * SECOND, a()),
            (WaitReason::RateLimit, 106 * SECOND, a()),
        ]
    );
    let waits: Vec<_> = told.lock().unwrap().iter().map(|told| told.1).collect();
    assert_eq!(script.clock().waits(), waits);
    script.finish();
}

#[test]
fn limits_can_be_read_and_are_those_of_one_server_for_all_clones() {
    let session = two_servers();
    let clone = session.clone();
    assert_eq!(session.limits().remaining, None);
    let mut script = Script::new().on("GET", A, limited("12", "1356998460"));
    script.run(list(&session)).unwrap();
    let limits = clone.limits();
    assert_eq!((limits.limit, limits.remaining), (Some(300), Some(12)));
    assert_eq!(
        limits.reset,
        Some(Moment::at_epoch_seconds(1_356_998_400).after(60 * SECOND))
    );
    let mut script = Script::new().on("GET", A, Answer::refuses_connection()).on(
        "GET",
        B,
        limited("7", "1356998460"),
    );
    script.run(list(&clone)).unwrap();
    assert_eq!(session.limits().remaining, Some(7));
}

#[test]
fn sessions_of_one_credential_share_limits_by_a_client_and_keep_them_when_the_entity_moves() {
    let limiters = Limiters::default();
    let (first, second) = (session(), two_servers());
    let (first, second) = (
        first.with_limiters(&limiters),
        second.with_limiters(&limiters),
    );
    let mut script = Script::new().on("GET", A, limited("12", "1356998460"));
    script.run(list(&first)).unwrap();
    assert_eq!(second.limits().remaining, Some(12));
    let without = session();
    let of_another = session_signing_as("u:2", &["https://a.example"]).with_limiters(&limiters);
    for session in [without, of_another] {
        assert_eq!(session.limits().remaining, None);
    }
    // What the profile names later has its limits from there, too.
    let link = r#"</profile>; rel="https://tent.io/rels/profile""#;
    let profile = r#"{"https://tent.io/types/info/core/v0.1.0":
        {"entity":"https://alice.example","servers":["https://b.example"]}}"#;
    let home = Answer::status(200).header("link", link);
    let mut script = Script::new()
        .on("GET", A, Answer::refuses_connection())
        .on("HEAD", "https://alice.example/", home)
        .on(
            "GET",
            "https://alice.example/profile",
            Answer::json(profile),
        )
        .on("GET", B, limited("7", "1356998460"));
    script.run(list(&first)).unwrap();
    script.finish();
    let mut script = Script::new().on("GET", A, Answer::refuses_connection()).on(
        "GET",
        B,
        Answer::status(200).body("[]"),
    );
    script.run(list(&second)).unwrap();
    assert_eq!(second.limits().remaining, Some(6));
}

#[test]
fn a_wait_that_is_too_long_is_an_error_that_says_how_long() {
    let policy = Policy::default().longest_wait(10 * SECOND);
    let session = session().with_policy(policy);
    let answer = Answer::status(429)
        .header("retry-after", "61")
        .body(r#"{"error":"Slow down"}"#);
    let mut script = Script::new().on("GET", A, answer);
    let first = script.run(list(&session)).unwrap_err();
    let CallError::RateLimited { wait, longest, .. } = &first else {
        panic!("{first:?}");
    };
    assert_eq!((*wait, *longest), (61 * SECOND, 10 * SECOND));
    assert_eq!(first.status().unwrap(), 429);
    assert_eq!(first.refusal().unwrap().text().unwrap(), "Slow down");
    assert!(first.to_string().contains("another 61 seconds"), "{first}");
    // The next one is not even sent.
    let second = script.run(list(&session)).unwrap_err();
    assert!(
        matches!(second, CallError::RateLimited { refusal: None, .. }),
        "{second:?}"
    );
    assert!(script.clock().waits().is_empty());
    // Whoever does not want to be kept from asking is not.
    let eager = session.with_policy(Policy::off());
    let mut script = Script::new().on("GET", A, Answer::json("[]"));
    script.run(list(&eager)).unwrap();
    script.finish();
}

#[test]
fn all_waits_of_a_call_together_are_bounded() {
    let policy = Policy::default().longest_wait(20 * SECOND);
    let mut script = Script::new()
        .on("GET", A, Answer::status(429).header("retry-after", "9"))
        .on("GET", A, Answer::status(429).header("retry-after", "9"))
        .on("GET", A, Answer::status(429).header("retry-after", "9"));
    let error = script
        .run(list(&session().with_policy(policy)))
        .unwrap_err();
    assert!(matches!(error, CallError::RateLimited { .. }), "{error:?}");
    assert_eq!(script.clock().waits(), [9 * SECOND; 2]);
    script.finish();
}

#[test]
fn a_wait_that_nobody_says_is_left_to_chance() {
    let mut script = Script::new();
    for _ in 0..5 {
        script = script.on("GET", A, Answer::status(429));
    }
    script = script.on("GET", A, limited("12", "1356998460"));
    script.run(list(&session())).unwrap();
    let waits = script.clock().waits();
    let is_chosen = |wait: &Duration| !wait.subsec_nanos().is_multiple_of(500_000_000);
    assert!(waits.iter().all(is_chosen), "{waits:?}");
    script.finish();
}

#[test]
fn a_request_that_cannot_be_built_uses_nothing_up() {
    let session = session();
    let mut script = Script::new().on("GET", A, limited("12", "1356998460"));
    script.run(list(&session)).unwrap();
    let error = script.run(session.call(GetPost::new(".."))).unwrap_err();
    assert!(matches!(error, CallError::Build(_)), "{error:?}");
    assert_eq!(session.limits().remaining, Some(12));
}

fn wait_of<T>(step: Step<T>) -> Option<Duration> {
    match step {
        Step::Do(Effect::Wait(time)) => Some(time),
        Step::Do(_) | Step::Done(_) => None,
    }
}

#[test]
fn clones_are_paced_together_and_look_anew_after_their_wait() {
    let policy = Policy::default().rate_limit(RateLimit::Pace(1.0));
    let session = session().with_policy(policy);
    let mut script = Script::new().on("GET", A, limited("10", "1356998500"));
    script.run(list(&session)).unwrap();
    let now = Moment::at_epoch_seconds(1_356_998_400);
    let mut flows: Vec<_> = (0..4).map(|_| list(&session.clone())).collect();
    let waits = flows
        .iter_mut()
        .map(|flow| wait_of(flow.step(now, Input::Ready)));
    let waits: Vec<_> = waits.map(|wait| wait.map(|wait| wait.as_secs())).collect();
    assert_eq!(waits, [None, Some(10), Some(20), Some(30)]);
    // Meanwhile the first is told that it was too much.
    let answer = http::Response::builder()
        .status(429)
        .header("retry-after", "50");
    let answer = answer.body(bytes::Bytes::new()).unwrap();
    let first = flows[0].step(now, Input::Response(answer));
    assert_eq!(wait_of(first), Some(50 * SECOND));
    let later = now.after(10 * SECOND);
    assert_eq!(
        wait_of(flows[1].step(later, Input::Ready)),
        Some(40 * SECOND)
    );
    assert_eq!(
        wait_of(flows[1].step(now.after(50 * SECOND), Input::Ready)),
        None
    );
}

#[test]
fn retries_stay_within_their_budget() {
    let retry = Retry::times(100)
        .with_waits(SECOND, 8 * SECOND)
        .with_budget(30 * SECOND);
    let policy = Policy::off().retry(retry);
    let session = session().with_policy(policy);
    let mut clock = tent_flow::script::Clock::at_epoch_seconds(1_356_998_400);
    let result = tent_flow::script::run(list(&session), &mut clock, |_| Answer::times_out());
    assert!(matches!(result, Err(CallError::NoAnswer { .. })));
    let waits = clock.waits();
    assert!(waits.len() > 3, "{waits:?}");
    assert!(waits.iter().all(|wait| *wait <= 8 * SECOND), "{waits:?}");
    assert!(waits.iter().sum::<Duration>() <= 30 * SECOND, "{waits:?}");
}
