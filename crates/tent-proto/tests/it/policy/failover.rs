//! Several servers: their order, their rest, and where they may have moved.

use std::time::Duration;

use tent_flow::policy::Retry;
use tent_flow::script::{Answer, Clock, Script, run};
use tent_flow::{
    Delivery, Effect, Flow as _, Input, SchemeRule, Step, TransportError, TransportErrorKind,
};
use tent_proto::{CallError, Policy, Post, Session};

use super::{A, B, session, session_of, two_servers};

const HOME: &str = "https://alice.example/";
const C: &str = "https://c.example/posts";

#[test]
fn a_server_that_failed_is_rested_and_asked_first_again_later() {
    let session = two_servers();
    let list = || session.list_posts(Default::default());
    let mut script = Script::new()
        .on("GET", A, Answer::refuses_connection())
        .on("GET", B, Answer::json("[]"))
        .on("GET", B, Answer::json("[]"))
        .on("GET", A, Answer::status(502))
        .on("GET", B, Answer::json("[]"))
        .on("GET", B, Answer::json("[]"))
        .on("GET", A, Answer::json("[]"));
    script.run(list()).unwrap();
    script.clock().advance(Duration::from_secs(29));
    script.run(list()).unwrap();
    script.clock().advance(Duration::from_secs(2));
    script.run(list()).unwrap();
    // Its second rest is twice as long.
    script.clock().advance(Duration::from_secs(59));
    script.run(list()).unwrap();
    script.clock().advance(Duration::from_secs(2));
    script.run(list()).unwrap();
    script.finish();
}

#[test]
fn a_server_that_has_no_time_rests_for_as_long_as_it_asks() {
    let session = two_servers();
    let list = || session.list_posts(Default::default());
    let mut script = Script::new()
        .on("GET", A, Answer::status(503).header("retry-after", "90"))
        .on("GET", B, Answer::json("[]"))
        .on("GET", B, Answer::json("[]"))
        .on("GET", A, Answer::json("[]"));
    script.run(list()).unwrap();
    script.clock().advance(Duration::from_secs(89));
    script.run(list()).unwrap();
    script.clock().advance(Duration::from_secs(2));
    script.run(list()).unwrap();
    script.finish();
}

#[test]
fn one_call_tries_a_rested_server_before_the_others_come() {
    let session = two_servers();
    let list = || session.list_posts(Default::default());
    let mut script =
        Script::new()
            .on("GET", A, Answer::refuses_connection())
            .on("GET", B, Answer::json("[]"));
    script.run(list()).unwrap();
    script.clock().advance(Duration::from_secs(31));
    let now = script.clock().now();
    let hosts = [(); 3].map(|()| match list().step(now, Input::Ready) {
        Step::Do(Effect::Send(request, _)) => request.url.host_str().unwrap().to_owned(),
        _ => panic!("nothing is sent"),
    });
    assert_eq!(hosts, ["a.example", "b.example", "b.example"]);
}

#[test]
fn all_servers_are_asked_before_there_is_a_pause() {
    let session = two_servers().with_policy(Policy::default().rediscovery(false));
    let mut script = Script::new()
        .on("POST", A, Answer::refuses_connection())
        .on("POST", B, Answer::refuses_connection())
        .on("POST", A, Answer::refuses_connection())
        .on("POST", B, Answer::json(r#"{"id":"p1"}"#));
    script.run(session.create_post(&Post::status("x"))).unwrap();
    assert_eq!(script.clock().waits().len(), 1);
    script.finish();
}

/// The entity's page, and a profile that names these servers.
fn found(script: Script, entity: &str, servers: &str) -> Script {
    let link = r#"</profile>; rel="https://tent.io/rels/profile""#;
    let profile = format!(
        r#"{{"https://tent.io/types/info/core/v0.1.0":{{"entity":"{entity}","servers":[{servers}]}}}}"#
    );
    script
        .on("HEAD", HOME, Answer::status(200).header("link", link))
        .on(
            "GET",
            "https://alice.example/profile",
            Answer::json(profile),
        )
}

fn once(session: Session) -> Session {
    session.with_policy(Policy::off().failover(true).rediscovery(true))
}

#[test]
fn when_no_server_answers_the_profile_says_where_they_are_now() {
    let session = once(session());
    let clone = session.clone();
    let script = Script::new().on("POST", A, Answer::refuses_connection());
    let script = found(script, "https://alice.example", r#""https://c.example""#);
    let mut script =
        script
            .on("POST", C, Answer::json(r#"{"id":"p1"}"#))
            .on("GET", C, Answer::json("[]"));
    script.run(session.create_post(&Post::status("x"))).unwrap();
    for seen in script.seen() {
        let is_signed = !seen.header("authorization").is_empty();
        let is_server = seen.url.host_str() != Some("alice.example");
        assert_eq!(is_signed, is_server, "{}", seen.url);
    }
    script.run(clone.list_posts(Default::default())).unwrap();
    assert_eq!(clone.servers()[0].as_str(), "https://c.example");
    assert_eq!(clone.preferred(), clone.servers().first());
    script.finish();
}

#[test]
fn what_the_profile_says_counts_only_for_its_own_entity_and_never_for_less_secrecy() {
    for (entity, servers) in [
        ("https://alice.example", r#""https://a.example""#),
        ("https://alice.example", r#""http://127.0.0.1:7878""#),
    ] {
        let session = once(session()).with_scheme_rule(SchemeRule::HttpAnywhere);
        let script = Script::new().on("GET", A, Answer::refuses_connection());
        let mut script = found(script, entity, servers);
        let error = script
            .run(session.list_posts(Default::default()))
            .unwrap_err();
        assert!(
            matches!(error, CallError::NoAnswer { .. }),
            "{servers}: {error:?}"
        );
        assert_eq!(session.servers()[0].as_str(), "https://a.example");
        script.finish();
    }
    // One that claims to be another is discovered in its turn, and then is another.
    let session = once(session());
    let script = Script::new().on("GET", A, Answer::refuses_connection());
    let script = found(script, "https://mallory.example", r#""https://m.example""#);
    let link = r#"</profile>; rel="https://tent.io/rels/profile""#;
    let profile = r#"{"https://tent.io/types/info/core/v0.1.0":
        {"entity":"https://mallory.example","servers":["https://m.example"]}}"#;
    let mut script = script
        .on(
            "HEAD",
            "https://mallory.example/",
            Answer::status(200).header("link", link),
        )
        .on(
            "GET",
            "https://mallory.example/profile",
            Answer::json(profile),
        );
    script
        .run(session.list_posts(Default::default()))
        .unwrap_err();
    assert_eq!(session.servers()[0].as_str(), "https://a.example");
    script.finish();
}

#[test]
fn the_entity_is_not_discovered_for_a_server_that_answers_nor_again_within_a_minute() {
    let session = once(two_servers());
    let mut script =
        Script::new()
            .on("GET", A, Answer::status(503))
            .on("GET", B, Answer::refuses_connection());
    script
        .run(session.list_posts(Default::default()))
        .unwrap_err();
    script.finish();

    let session = once(session_of(&["https://a.example"]));
    let list = || session.list_posts(Default::default());
    let mut script = Script::new()
        .on("GET", A, Answer::refuses_connection())
        .on("HEAD", HOME, Answer::refuses_connection())
        .on("GET", A, Answer::refuses_connection())
        .on("GET", A, Answer::refuses_connection())
        .on("HEAD", HOME, Answer::refuses_connection());
    for _ in 0..3 {
        script.run(list()).unwrap_err();
        script.clock().advance(Duration::from_secs(40));
    }
    script.finish();
}

#[test]
fn a_server_that_answered_before_the_pause_does_not_keep_the_entity_from_being_discovered() {
    let policy = Policy::default().retry(Retry::times(1));
    let session = two_servers().with_policy(policy);
    let mut script = Script::new()
        .on("GET", A, Answer::status(503))
        .on("GET", B, Answer::refuses_connection())
        .on("GET", A, Answer::refuses_connection())
        .on("GET", B, Answer::refuses_connection())
        .on("HEAD", HOME, Answer::refuses_connection());
    script
        .run(session.list_posts(Default::default()))
        .unwrap_err();
    script.finish();
}

#[test]
fn a_server_that_fails_a_post_is_rested_and_no_other_is_asked_for_it() {
    let session = two_servers();
    let mut script =
        Script::new()
            .on("POST", A, Answer::status(502))
            .on("GET", B, Answer::json("[]"));
    let error = script
        .run(session.create_post(&Post::status("x")))
        .unwrap_err();
    assert_eq!(error.status().unwrap(), 502);
    assert!(matches!(error, CallError::OutcomeUnknown { .. }));
    script.run(session.list_posts(Default::default())).unwrap();
    script.finish();
}

#[test]
fn an_address_that_may_not_be_asked_is_not_tried_again() {
    let mut script = Script::new().on(
        "GET",
        A,
        TransportError::new(TransportErrorKind::AddressRefused, Delivery::NotSent),
    );
    let error = script
        .run(session().list_posts(Default::default()))
        .unwrap_err();
    assert!(matches!(error, CallError::NoAnswer { .. }), "{error:?}");
    assert!(script.clock().waits().is_empty());
    script.finish();
}

#[test]
fn the_entity_is_discovered_once_a_call_however_long_that_takes() {
    let minute = Duration::from_secs(60);
    let retry = Retry::times(9).with_waits(minute, minute);
    let policy = Policy::off()
        .rediscovery(true)
        .retry(retry.with_budget(60 * minute));
    let session = session().with_policy(policy);
    let mut clock = Clock::at_epoch_seconds(1_356_998_400);
    let mut discovered = 0;
    let result = run(session.list_posts(Default::default()), &mut clock, |seen| {
        discovered += u32::from(seen.method == "HEAD");
        Answer::refuses_connection()
    });
    result.unwrap_err();
    assert!(clock.waits().iter().sum::<Duration>() > 2 * minute);
    assert_eq!(discovered, 1);
}

#[test]
fn what_is_known_of_a_server_that_stays_is_kept_when_another_comes() {
    let session = once(session());
    let script = Script::new().on("GET", A, Answer::refuses_connection());
    let both = r#""https://a.example","https://c.example""#;
    let mut script = found(script, "https://alice.example", both)
        .on("GET", C, Answer::json("[]")) // A rests
        .on("GET", C, Answer::json("[]"))
        .on("GET", A, Answer::json("[]"));
    let list = || session.list_posts(Default::default());
    script.run(list()).unwrap();
    script.run(list()).unwrap();
    script.clock().advance(Duration::from_secs(31));
    script.run(list()).unwrap();
    script.finish();
}
