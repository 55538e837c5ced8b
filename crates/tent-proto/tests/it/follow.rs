//! Following, from server to server: docs/protocol.md §6.8.

use http::StatusCode;
use tent_flow::script::{Answer, Script};
use tent_flow::{Delivery, SchemeRule, Seed, TransportError, TransportErrorKind};
use tent_proto::call::{ChallengeFollower, DeleteFollower, NotifyFollower, RequestFollow};
use tent_proto::follow::{
    Challenge, Confirmed, FollowRefused, Followed, NotificationPath, confirm, follow, follow_page,
};
use tent_proto::mac::{Algorithm, Credentials};
use tent_proto::model::{Follower, Following, Permissions};
use tent_proto::{CallError, Entity, Policy, Post, Session, discover};

const ALICE: &str = "https://alice.example";
const BOB: &str = "https://bob.example";

fn entity(text: &str) -> Entity {
    text.parse().unwrap()
}

/// The discovery of an entity that has these servers.
fn discovered(script: Script, entity: &str, named: &str, servers: &[&str]) -> Script {
    let link = format!("<{entity}/tent/profile>; rel=\"https://tent.io/rels/profile\"");
    let core = serde_json::json!({
        "https://tent.io/types/info/core/v0.1.0": { "entity": named, "servers": servers },
    });
    script
        .on(
            "HEAD",
            &format!("{entity}/"),
            Answer::status(200).header("link", &link),
        )
        .on(
            "GET",
            &format!("{entity}/tent/profile"),
            Answer::json(core.to_string()),
        )
}

fn request() -> RequestFollow {
    let path = NotificationPath::of(&"Fb3".into());
    RequestFollow::new(entity(BOB), path)
        .license("https://l.example/by")
        .permissions(Permissions::private())
}

/// What Alice's server finds out.
fn confirmed(script: &mut Script, request: RequestFollow) -> Result<Confirmed, FollowRefused> {
    script.run(confirm(request, entity(ALICE), Seed::new([0xa7; 32])))
}

fn challenge_url(server: &str) -> String {
    let digits = "a7".repeat(32);
    format!("{server}/notifications/Fb3?challenge={digits}")
}

#[test]
fn a_server_asks_to_follow_and_gets_a_credential() {
    let answer = Answer::json(
        r#"{"id":"Zr9","entity":"https://bob.example","mac_key_id":"s:4f","mac_key":"5ecret",
            "mac_algorithm":"hmac-sha-1"}"#,
    );
    let mut script = discovered(Script::new(), ALICE, ALICE, &["https://t.alice.example"])
        .on("POST", "https://t.alice.example/followers", answer)
        .on(
            "DELETE",
            "https://t.alice.example/followers/Zr9",
            Answer::status(200),
        );
    let alice = script.run(discover(&entity(ALICE))).unwrap();
    let followed = script.run(follow(&alice, request())).unwrap();
    assert_eq!(followed.entity, entity(ALICE));
    assert_eq!(followed.credentials.algorithm(), Algorithm::HmacSha1);
    assert!(!format!("{followed:?}").contains("5ecret"));
    let asked = script.seen().last().unwrap();
    assert_eq!(asked.header("authorization"), "");
    assert_eq!(
        std::str::from_utf8(&asked.body).unwrap(),
        r#"{"entity":"https://bob.example","types":["all"],"licenses":["https://l.example/by"],"permissions":{"public":false},"notification_path":"notifications/Fb3"}"#
    );

    // It is kept, and ended with its own credential.
    let stored = serde_json::to_string(&followed).unwrap();
    let kept: Followed = serde_json::from_str(&stored).unwrap();
    assert_eq!(kept, followed);
    let session = kept.session(Seed::new([8; 32]));
    script
        .run(session.call(DeleteFollower::new(kept.id)))
        .unwrap();
    let ended = script.seen().last().unwrap();
    assert!(ended.header("authorization").starts_with("MAC id=\"s:4f\""));
    script.finish();
}

#[test]
fn a_request_that_may_have_been_received_is_not_made_twice() {
    let servers = ["https://1.alice.example", "https://2.alice.example"];
    let mut script = discovered(Script::new(), ALICE, ALICE, &servers)
        .on(
            "POST",
            "https://1.alice.example/followers",
            TransportError::broken("reset"),
        )
        .on(
            "POST",
            "https://1.alice.example/followers",
            Answer::json(r#"{"id":"Zr9"}"#),
        );
    let alice = script.run(discover(&entity(ALICE))).unwrap();
    let unknown = script.run(follow(&alice, request())).unwrap_err();
    assert!(
        matches!(unknown, CallError::OutcomeUnknown { .. }),
        "{unknown:?}"
    );
    let keyless = script.run(follow(&alice, request())).unwrap_err();
    assert!(matches!(keyless, CallError::Decode { .. }), "{keyless:?}");
}

#[test]
fn who_repeats_the_challenge_follows() {
    let servers = [
        "https://1.bob.example/t",
        "https://2.bob.example",
        "https://3.bob.example",
    ];
    let digits = "a7".repeat(32);
    let mut script = discovered(Script::new(), BOB, BOB, &servers)
        .on(
            "GET",
            &challenge_url(servers[0]),
            TransportError::connect("refused"),
        )
        .on("GET", &challenge_url(servers[1]), Answer::status(502))
        .on(
            "GET",
            &challenge_url(servers[2]),
            Answer::status(200)
                .header("content-type", "text/plain")
                .body(format!("{digits}\n")),
        );
    let confirmed = confirmed(&mut script, request()).unwrap();
    let asked = script.seen().last().unwrap();
    assert_eq!(asked.header("accept"), "text/plain");
    assert_eq!(asked.header("authorization"), "");
    script.finish();

    let follower = confirmed.follower();
    assert_eq!(follower.entity, Some(entity(BOB)));
    assert_eq!(follower.permissions, Some(Permissions::private()));
    assert_eq!(
        follower.notification_path.as_deref(),
        Some("notifications/Fb3")
    );
    assert!(follower.profile.is_some() && follower.id.is_none());
    let key = Credentials::new("s:4f", "5ecret", Algorithm::HmacSha256).unwrap();
    let granted = follower.with_credentials(&key);
    assert_eq!(granted.credentials().unwrap(), key);
    assert!(!format!("{granted:?}").contains("5ecret"));
}

#[test]
fn what_no_entity_bears_out_is_refused() {
    let digits = "a7".repeat(32);
    let server = "https://t.bob.example";
    for answer in [
        Answer::status(404),
        Answer::status(200),
        Answer::status(200).body(&digits[1..]),
        Answer::status(200).body(format!(" {digits}")),
        Answer::status(203).body(digits.clone()),
        Answer::status(302).header("location", &challenge_url("https://elsewhere.example")),
    ] {
        let mut script = discovered(Script::new(), BOB, BOB, &[server]).on(
            "GET",
            &challenge_url(server),
            answer,
        );
        let refused = confirmed(&mut script, request()).unwrap_err();
        assert_eq!(refused.status(), StatusCode::FORBIDDEN, "{refused:?}");
        script.finish();
    }
}

#[test]
fn nobody_follows_themselves() {
    let mut script = Script::new();
    let own = RequestFollow::new(entity("https://alice.example/"), "n/F".parse().unwrap());
    let refused = confirmed(&mut script, own).unwrap_err();
    assert_eq!(refused.status(), StatusCode::NOT_ACCEPTABLE);

    // Nor under another name.
    let mut script = discovered(Script::new(), BOB, ALICE, &["https://t.alice.example"]);
    script = discovered(script, ALICE, ALICE, &["https://t.alice.example"]);
    let refused = confirmed(&mut script, request()).unwrap_err();
    assert!(matches!(refused, FollowRefused::Own), "{refused:?}");
    script.finish();
}

#[test]
fn who_cannot_be_discovered_does_not_follow() {
    let silent = |error: fn() -> TransportError| {
        Script::new()
            .on("HEAD", "https://bob.example/", error())
            .on("GET", "https://bob.example/", error())
    };
    let empty = Script::new()
        .on("HEAD", "https://bob.example/", Answer::status(200))
        .on("GET", "https://bob.example/", Answer::status(200));
    for (mut script, status) in [
        (silent(|| TransportError::connect("refused")), 503),
        (
            silent(|| TransportError::new(TransportErrorKind::Timeout, Delivery::Possible)),
            504,
        ),
        (empty, 404),
    ] {
        let refused = confirmed(&mut script, request()).unwrap_err();
        assert_eq!(refused.status(), status, "{refused:?}");
    }
}

#[test]
fn http_is_for_loopback_unless_it_is_allowed() {
    let plain = RequestFollow::new(entity("http://bob.example"), "n/F".parse().unwrap());
    let mut script = Script::new();
    let refused = confirmed(&mut script, plain.clone()).unwrap_err();
    assert!(
        matches!(refused, FollowRefused::NotDiscovered { .. }),
        "{refused:?}"
    );

    let digits = "a7".repeat(32);
    let bob = "http://bob.example";
    let challenge = format!("http://t.bob.example/n/F?challenge={digits}");
    let mut script = discovered(Script::new(), bob, bob, &["http://t.bob.example"]).on(
        "GET",
        &challenge,
        Answer::status(200).body(digits),
    );
    let flow = confirm(plain, entity(ALICE), Seed::new([0xa7; 32]));
    script
        .run(flow.with_scheme_rule(SchemeRule::HttpAnywhere))
        .unwrap();
    script.finish();
}

#[test]
fn the_server_that_asked_repeats_the_challenge() {
    let challenge: Challenge = "0f1e2d".parse().unwrap();
    let answer = challenge.answer();
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.headers()["content-type"], "text/plain");
    assert_eq!(answer.body(), "0f1e2d");

    // And may be asked again, whether it still wants to.
    let session = Session::anonymous(entity(BOB), vec!["https://t.bob.example".parse().unwrap()]);
    let url = "https://t.bob.example/notifications/Fb3?challenge=0f1e2d";
    let mut script = Script::new()
        .on("GET", url, Answer::status(200).body("0f1e2d"))
        .on("GET", url, Answer::status(200).body("0f1e2c"));
    let again = || {
        session.call(ChallengeFollower::new(
            NotificationPath::of(&"Fb3".into()),
            challenge.clone(),
        ))
    };
    script.run(again()).unwrap();
    let error = script.run(again()).unwrap_err();
    assert!(matches!(error, CallError::Decode { .. }), "{error:?}");
}

#[test]
fn a_post_is_delivered_with_the_key_of_the_follower() {
    let follower: Follower = serde_json::from_str(
        r#"{"notification_path":"notifications/Fb3","mac_key_id":"s:4f","mac_key":"k"}"#,
    )
    .unwrap();
    let session = Session::new(
        entity(BOB),
        vec!["https://t.bob.example".parse().unwrap()],
        follower.credentials().unwrap(),
        Seed::new([7; 32]),
    )
    .with_policy(Policy::off());
    let url = "https://t.bob.example/notifications/Fb3";
    let mut script = Script::new()
        .on("POST", url, TransportError::broken("reset"))
        .on("POST", url, Answer::status(200));
    let path: NotificationPath = follower.notification_path.unwrap().parse().unwrap();
    let deliver = || session.call(NotifyFollower::new(path.clone(), Post::status("Hi")));
    let lost = script.run(deliver()).unwrap_err();
    // It may be sent again: entity and id tell that it is the same.
    assert!(matches!(lost, CallError::NoAnswer { .. }), "{lost:?}");
    script.run(deliver()).unwrap();
    let sent = script.seen().last().unwrap();
    assert!(sent.header("authorization").starts_with("MAC id=\"s:4f\""));
}

#[test]
fn a_credential_lacks_no_part() {
    let mut follower = Follower::default();
    assert!(follower.credentials().is_err());
    follower.mac_key_id = Some("s:4f".to_owned());
    assert!(follower.credentials().is_err());
    follower.mac_key = Some("k".into());
    assert!(follower.credentials().is_ok());
    follower.mac_algorithm = Some("md5".to_owned());
    assert!(follower.credentials().is_err());
    let key = Credentials::new("s:4f", "k", Algorithm::HmacSha256).unwrap();
    let following = Following::default().with_credentials(&key);
    assert_eq!(following.credentials().unwrap(), key);
}

#[test]
fn the_page_to_follow_at_is_below_the_root() {
    let page = follow_page(&"https://a.example/t/".parse().unwrap(), &entity(BOB)).unwrap();
    assert_eq!(
        page.as_str(),
        "https://a.example/t/follow?entity=https%3A%2F%2Fbob.example"
    );
}
