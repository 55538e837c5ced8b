//! One call: signed, sent, judged.

use bytes::Bytes;
use http::Response;
use tent_flow::script::{Answer, Script};
use tent_flow::{Delivery, Request, SchemeRule, Seed, TransportError, TransportErrorKind};
use tent_proto::call::{Access, Api, Call, GetProfile, RegisterApp, Replay};
use tent_proto::json::DecodeError;
use tent_proto::mac::{Algorithm, Credentials, Header, Normalized};
use tent_proto::model::App;
use tent_proto::{BuildError, CallError, Entity, Policy, Post, Server, Session};

const A: &str = "https://a.example/tent/posts";
const B: &str = "https://b.example/posts";

fn credentials() -> Credentials {
    Credentials::new("u:1", "k", Algorithm::HmacSha256).unwrap()
}

fn servers(roots: &[&str]) -> Vec<Server> {
    roots.iter().map(|root| root.parse().unwrap()).collect()
}

fn entity() -> Entity {
    "https://alice.example".parse().unwrap()
}

fn session() -> Session {
    let servers = servers(&["https://a.example/tent/", "https://b.example"]);
    Session::new(entity(), servers, credentials(), Seed::new([7; 32]))
}

fn page() -> Answer {
    Answer::json("[]")
}

fn reset() -> TransportError {
    TransportError::new(TransportErrorKind::Broken, Delivery::Possible)
}

#[test]
fn every_attempt_is_signed_anew_for_its_own_server() {
    let mut script = Script::new()
        .on("GET", A, Answer::status(503))
        .on("GET", B, page());
    script
        .run(session().list_posts(Default::default()))
        .unwrap();
    let mut nonces = Vec::new();
    for (seen, host, path) in [
        (&script.seen()[0], "a.example", "/tent/posts"),
        (&script.seen()[1], "b.example", "/posts"),
    ] {
        let header = Header::parse(seen.header("authorization")).unwrap();
        assert_eq!(header.timestamp(), 1_356_998_400);
        let request = Normalized::new(&header, "GET", path, host, 443);
        credentials().verify(&header, &request).unwrap();
        assert!(seen.headers["authorization"].is_sensitive());
        assert_eq!(seen.header("accept"), "application/vnd.tent.v0+json");
        nonces.push(header.nonce().to_owned());
    }
    assert_ne!(nonces[0], nonces[1]);
    script.finish();
}

#[test]
fn the_server_that_answered_last_is_asked_first() {
    let session = session();
    let list = || session.list_posts(Default::default());
    let mut script = Script::new()
        .on("GET", A, Answer::refuses_connection())
        .on("GET", B, page())
        .on("GET", B, page())
        .on("GET", B, Answer::times_out())
        .on("GET", A, page());
    for _ in 0..3 {
        script.run(list()).unwrap();
    }
    script.finish();
    // Whoever asks one alone asks that one.
    let mut script = Script::new()
        .on("GET", A, Answer::refuses_connection())
        .on("GET", B, page())
        .on("GET", B, page());
    let session = self::session();
    let alone = session.clone().with_policy(Policy::off());
    for session in [session, alone] {
        script.run(session.list_posts(Default::default())).unwrap();
    }
    script.finish();
}

#[test]
fn a_post_that_may_have_arrived_is_never_sent_again() {
    let post = Post::status("Hello");
    for failure in [Answer::times_out(), reset().into()] {
        let mut script = Script::new().on("POST", A, failure);
        let error = script.run(session().create_post(&post)).unwrap_err();
        assert!(
            matches!(error, CallError::OutcomeUnknown { .. }),
            "{error:?}"
        );
        script.finish();
    }
    let mut script = Script::new().on("POST", A, Answer::status(500));
    let error = script.run(session().create_post(&post)).unwrap_err();
    assert_eq!(error.status().unwrap(), 500);
    script.finish();
}

#[test]
fn a_post_that_cannot_have_arrived_goes_to_the_next_server() {
    let mut script = Script::new()
        .on("POST", A, Answer::refuses_connection())
        .on("POST", B, Answer::json(r#"{"id":"p1"}"#));
    let post = script
        .run(session().create_post(&Post::status("Hello")))
        .unwrap();
    assert_eq!(post.id.unwrap().as_str(), "p1");
    let sent: Post = serde_json::from_slice(&script.seen()[1].body).unwrap();
    assert_eq!(sent, Post::status("Hello"));
    assert_eq!(
        script.seen()[1].header("content-type"),
        "application/vnd.tent.v0+json"
    );
    script.finish();
}

#[test]
fn when_every_server_fails_the_last_failure_is_told() {
    let mut script =
        Script::new()
            .on("GET", A, Answer::refuses_connection())
            .on("GET", B, Answer::times_out());
    let session = session().with_policy(Policy::off().failover(true));
    match script
        .run(session.list_posts(Default::default()))
        .unwrap_err()
    {
        CallError::NoAnswer { url, cause } => {
            assert_eq!(url.as_str(), B);
            assert_eq!(cause.kind(), TransportErrorKind::Timeout);
        }
        other => panic!("{other:?}"),
    }
    script.finish();
}

#[test]
fn a_refusal_and_501_and_507_are_answers() {
    for status in [400, 401, 403, 404, 409, 422, 501, 507] {
        let answer = Answer::status(status).body(r#"{"error":"No"}"#);
        let mut script = Script::new().on("GET", A, answer);
        let error = script
            .run(session().list_posts(Default::default()))
            .unwrap_err();
        let refusal = error.refusal().unwrap();
        assert_eq!(refusal.status().as_u16(), status);
        assert_eq!(refusal.text().unwrap(), "No");
        script.finish();
    }
}

#[test]
fn a_redirect_is_shown_and_not_followed() {
    let answer = Answer::status(302).header("location", "https://evil.example/posts");
    let mut script = Script::new().on("GET", A, answer);
    let error = script
        .run(session().list_posts(Default::default()))
        .unwrap_err();
    assert_eq!(
        error.refusal().unwrap().location(),
        Some("https://evil.example/posts")
    );
    assert!(error.to_string().contains("https://evil.example/posts"));
    script.finish();
}

#[test]
fn success_is_any_2xx_and_an_answer_that_is_no_json_says_where_it_came_from() {
    let url = "https://a.example/tent/profile";
    for status in [200, 201] {
        let mut script = Script::new().on("GET", url, Answer::status(status).body("{}"));
        script.run(session().call(GetProfile::default())).unwrap();
    }
    let mut script = Script::new().on("GET", url, Answer::status(200).body("<html>busy"));
    match script.run(session().get_profile()).unwrap_err() {
        CallError::Decode { url: asked, .. } => assert_eq!(asked.as_str(), url),
        other => panic!("{other:?}"),
    }
}

#[test]
fn nothing_is_sent_that_may_not_be() {
    let plain = Session::new(
        entity(),
        servers(&["http://a.example"]),
        credentials(),
        Seed::new([7; 32]),
    );
    let mut nobody = Script::new();
    let error = nobody
        .run(plain.list_posts(Default::default()))
        .unwrap_err();
    assert!(
        matches!(error, CallError::Build(BuildError::Refused(_))),
        "{error:?}"
    );

    let anonymous = Session::anonymous(entity(), servers(&["https://a.example"]));
    let error = nobody
        .run(anonymous.create_post(&Post::status("x")))
        .unwrap_err();
    assert!(
        matches!(error, CallError::Build(BuildError::NoCredentials)),
        "{error:?}"
    );

    let nowhere = Session::anonymous(entity(), Vec::new());
    let error = nobody.run(nowhere.get_profile()).unwrap_err();
    assert!(
        matches!(error, CallError::Build(BuildError::NoServer)),
        "{error:?}"
    );

    let mut allowed = Script::new().on("GET", "http://a.example/profile", Answer::json("{}"));
    allowed
        .run(
            plain
                .with_scheme_rule(SchemeRule::HttpAnywhere)
                .get_profile(),
        )
        .unwrap();
}

#[test]
fn public_calls_are_not_signed_and_optional_ones_need_no_credential() {
    let mut script = Script::new()
        .on("POST", "https://a.example/tent/apps", Answer::json("{}"))
        .on("GET", "https://a.example/tent/profile", Answer::json("{}"));
    let app = App::new("Harbour", "https://app.example");
    script.run(session().call(RegisterApp::new(app))).unwrap();
    let anonymous = Session::anonymous(entity(), servers(&["https://a.example/tent"]));
    script.run(anonymous.get_profile()).unwrap();
    assert!(
        script
            .seen()
            .iter()
            .all(|seen| seen.header("authorization").is_empty())
    );
}

#[test]
fn any_call_goes_out_as_it_was_written() {
    let mut script = Script::new().on(
        "PUT",
        "https://a.example/tent/profile/https%3A%2F%2Ft.example%2Fv1?x=%20",
        Answer::status(204),
    );
    let call = Api::new(
        http::Method::PUT,
        "/profile/https%3A%2F%2Ft.example%2Fv1?x=%20",
    );
    let answer = script
        .run(session().api(call.with_body(r#"{"a":1}"#)))
        .unwrap();
    assert_eq!(answer.status(), 204);
    assert_eq!(&script.seen()[0].body[..], br#"{"a":1}"#);
    script.finish();
}

#[test]
fn what_another_server_cannot_mend_is_not_asked_of_it() {
    use TransportErrorKind::{Sink, Source, TooLarge};
    for kind in [TooLarge, Source, Sink] {
        let failure = TransportError::new(kind, Delivery::Possible);
        let session = session();
        let list = || session.list_posts(Default::default());
        let mut script = Script::new().on("GET", A, failure).on("GET", A, page());
        let error = script.run(list()).unwrap_err();
        assert!(matches!(error, CallError::NoAnswer { .. }), "{error:?}");
        script.run(list()).unwrap(); // it does not rest for that
        script.finish();
    }
}

#[test]
fn a_post_whose_file_could_not_be_read_was_not_published() {
    let failure = TransportError::new(TransportErrorKind::Source, Delivery::Possible);
    let mut script = Script::new().on("POST", A, failure);
    let post = Post::status("Hello");
    let error = script.run(session().create_post(&post)).unwrap_err();
    assert!(matches!(error, CallError::NoAnswer { .. }), "{error:?}");
    script.finish(); // and nobody is asked again
}

/// A call that asks somewhere else than the server it is given.
#[derive(Debug)]
struct Elsewhere;

impl Call for Elsewhere {
    type Answer = ();

    fn access(&self) -> Access {
        Access::Signed
    }

    fn replay(&self) -> Replay {
        Replay::Always
    }

    fn request(&self, _: &Server) -> Result<Request, BuildError> {
        Ok(Request::get(
            "https://a.example:8443/tent/posts".parse().unwrap(),
        ))
    }

    fn answer(&self, _: &Server, _: Response<Bytes>) -> Result<(), DecodeError> {
        Ok(())
    }
}

#[test]
fn nothing_signed_goes_to_another_origin() {
    let error = Script::new().run(session().call(Elsewhere)).unwrap_err();
    assert!(
        matches!(error, CallError::Build(BuildError::OtherOrigin(_))),
        "{error:?}"
    );
}
