//! Cassettes: what they keep, what they leave out, and what they say of a flow that asks for something
//! else.

use std::panic::{AssertUnwindSafe, catch_unwind};

use tent_flow::script::{Answer, Script};
use tent_flow::sink::Memory;
use tent_flow::{Delivery, Flow, Input, Moment, Request, Seed, Step, TransportErrorKind};
use tent_proto::mac::{Algorithm, Credentials};
use tent_proto::{CallError, Post, Session, Unconfirmed};
use tent_testkit::cassette::{Cassette, CassetteError, Mask};

const POSTS: &str = "https://tent.alice.example/posts";

fn session(seed: u8) -> Session {
    let servers = vec!["https://tent.alice.example".parse().unwrap()];
    let credentials = Credentials::new("u:1", "0f1e2d3c4b5a", Algorithm::HmacSha256).unwrap();
    let entity = "https://alice.example".parse().unwrap();
    Session::new(entity, servers, credentials, Seed::new([seed; 32]))
}

/// Records the publishing of a post, which the server at first is too busy for.
fn recorded() -> Cassette {
    let mut script = Script::new()
        .on(
            "POST",
            POSTS,
            Answer::status(429).header("retry-after", "7"),
        )
        .on(
            "POST",
            POSTS,
            Answer::json("{ \"id\": \"p1\",\n \"entity\": \"https://alice.example\" }")
                .header("set-cookie", "session=s3cr3t-cookie"),
        );
    let cassette = Cassette::new();
    let flow = session(1).create_post(&Post::status("Hello"));
    script.run(cassette.record(flow)).unwrap();
    script.finish();
    cassette
}

/// What a flow that does not agree with its cassette panics with.
fn complaint<F: Flow>(cassette: &Cassette, flow: F) -> String {
    let result = catch_unwind(AssertUnwindSafe(|| drop(cassette.play(flow))));
    let panic = result.unwrap_err();
    panic.downcast_ref::<String>().unwrap().clone()
}

#[test]
fn the_file_is_readable_and_stable() {
    let text = recorded().to_string();
    assert_eq!(text, include_str!("cassette/create_post.json"));
    let again: Cassette = text.parse().unwrap();
    assert_eq!(again.to_string(), text);
}

#[test]
fn a_replay_hears_what_was_recorded_in_no_time() {
    let cassette: Cassette = include_str!("cassette/create_post.json").parse().unwrap();
    // With another seed, so with other nonces.
    let post = cassette
        .play(session(2).create_post(&Post::status("Hello")))
        .unwrap();
    assert_eq!(post.id.unwrap().as_str(), "p1");
    cassette.finish();
}

#[test]
fn a_failure_is_recorded_too() {
    let mut script = Script::new().on("POST", POSTS, Answer::times_out());
    let cassette = Cassette::new();
    let flow = || session(1).create_post(&Post::status("Hello"));
    script.run(cassette.record(flow())).unwrap_err();
    let cassette: Cassette = cassette.to_string().parse().unwrap();
    let CallError::OutcomeUnknown {
        cause: Unconfirmed::NoAnswer(cause),
        ..
    } = cassette.play(flow()).unwrap_err()
    else {
        panic!("something else");
    };
    assert_eq!(cause.kind(), TransportErrorKind::Timeout);
    assert_eq!(cause.delivery(), Delivery::Possible);
}

#[test]
fn a_difference_is_shown_by_its_place() {
    let cassette = recorded();
    let other = Post::status("Goodbye").public();
    let complaint = complaint(&cassette, session(1).create_post(&other));
    let expected = r#"the flow asks for something else than was recorded
  POST https://tent.alice.example/posts
  - body.content.text: "Hello"
  + body.content.text: "Goodbye"
  - body.permissions.public: false
  + body.permissions.public: true
"#;
    assert_eq!(complaint, expected);
}

#[test]
fn what_is_left_out_or_new_is_a_difference_too() {
    let request = |field: &'static str, member: &str| {
        Request::get(POSTS.parse().unwrap())
            .with_header(field.parse().unwrap(), "1".parse().unwrap())
            .with_body(format!(r#"{{"same":0,"{member}":1}}"#))
    };
    let mut script = Script::new().on("GET", POSTS, Answer::status(200));
    let cassette = Cassette::new();
    script.run(cassette.record(Once(Some(request("x-a", "a")))));
    let complaint = complaint(&cassette, Once(Some(request("x-b", "b"))));
    let (_, lines) = complaint.split_once(POSTS).unwrap();
    let expected = [
        "- header x-a: \"1\"",
        "+ header x-b: \"1\"",
        "- body.a: 1",
        "+ body.b: 1",
    ];
    assert!(lines.trim().lines().map(str::trim).eq(expected), "{lines}");
}

/// Sends two requests, and tells when it was stepped.
#[derive(Default)]
struct Twice(Vec<u64>);

impl Flow for Twice {
    type Output = Vec<u64>;

    fn step(&mut self, now: Moment, _: Input) -> Step<Vec<u64>> {
        self.0.push(now.epoch_seconds());
        match self.0.len() {
            1 | 2 => Step::send(
                Request::get(POSTS.parse().unwrap()),
                Memory::with_limit(1024),
            ),
            _ => Step::Done(self.0.clone()),
        }
    }
}

#[test]
fn the_clock_is_that_of_the_recording() {
    let exchange = |at: u64| {
        format!(
            r#"{{"at":{at},"request":{{"method":"GET","url":"{POSTS}"}},"answer":{{"status":200}}}}"#
        )
    };
    let [first, second] = [1_356_998_400, 1_356_998_403].map(exchange);
    let text = format!(r#"{{"cassette":1,"exchanges":[{first},{second}]}}"#);
    let cassette: Cassette = text.parse().unwrap();
    let times = cassette.play(Twice::default());
    assert_eq!(times, [1_356_998_400, 1_356_998_400, 1_356_998_403]);
}

#[test]
fn what_is_over_and_what_is_left_is_told() {
    let cassette = recorded();
    let flow = || session(1).create_post(&Post::status("Hello"));
    let left = catch_unwind(AssertUnwindSafe(|| recorded().finish())).unwrap_err();
    let left = left.downcast_ref::<String>().unwrap();
    assert!(left.ends_with("nobody asked for it: POST https://tent.alice.example/posts"));
    cassette.play(flow()).unwrap();
    let complaint = complaint(&cassette, flow());
    assert!(
        complaint.starts_with("all that was recorded is replayed"),
        "{complaint}"
    );
}

/// Sends one request.
struct Once(Option<Request>);

impl Flow for Once {
    type Output = bool;

    fn step(&mut self, _now: Moment, input: Input) -> Step<bool> {
        match self.0.take() {
            Some(request) => Step::send(request, Memory::with_limit(1024)),
            None => Step::Done(matches!(input, Input::Response(_))),
        }
    }
}

#[test]
fn no_secret_is_written_wherever_it_stands() {
    let url = "https://tent.alice.example/apps?code=thecode-123&limit=2&pin=4711-4711";
    let form = |secret: &str| {
        Request::get(url.parse().unwrap())
            .with_header("cookie".parse().unwrap(), "a=thecookie-1".parse().unwrap())
            .with_body(format!(
                r#"{{"deep":[{{"mac_key":"{secret}"}}],"code":"thecode-123"}}"#
            ))
    };
    let binary = [b"\xff", "the-key-9999".as_bytes()].concat();
    let mask = Mask::default().header("X-Key").member("pin");
    let cassette = Cassette::new().with_mask(mask);
    for answer in [
        Answer::json(r#"{"note":"the-key-9999 came back","the-key-9999":1}"#)
            .header("x-key", "theheader-1"),
        Answer::status(200).body("thecode-123, thecookie-1, 4711-4711, theheader-1"),
        Answer::status(200).body(binary),
    ] {
        let mut script = Script::new().on("GET", url, answer);
        script.run(cassette.record(Once(Some(form("the-key-9999")))));
    }
    let text = cassette.to_string();
    for secret in [
        "the-key",
        "thecode",
        "thecookie",
        "4711",
        "theheader",
        "3RoZS1rZXkt", // the-key- in base64, after one byte
    ] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    assert!(!format!("{cassette:?}").contains("the-key-9999,"));
    assert!(text.contains("?code=masked&limit=2&pin=masked"), "{text}");
    // Other secrets are the same request.
    let cassette = cassette.to_string().parse::<Cassette>().unwrap();
    let cassette = cassette.with_mask(Mask::default().header("X-Key").member("pin"));
    assert!(cassette.play(Once(Some(form("another-key")))));
}

#[test]
fn a_form_is_the_same_with_another_boundary() {
    let form = |boundary: &str| {
        let kind = format!("multipart/form-data; boundary={boundary}");
        Request::new(http::Method::POST, POSTS.parse().unwrap())
            .with_header(http::header::CONTENT_TYPE, kind.parse().unwrap())
            .with_body([format!("--{boundary}\r\n\r\n").as_bytes(), b"\xff"].concat())
    };
    let mut script = Script::new().on("POST", POSTS, Answer::status(200));
    let cassette = Cassette::new();
    script.run(cassette.record(Once(Some(form("tent-0011")))));
    assert!(cassette.play(Once(Some(form("tent-2233")))));
}

#[test]
fn what_is_no_cassette_is_refused() {
    let read = |text: &str| text.parse::<Cassette>().unwrap_err();
    assert!(matches!(read("[]"), CassetteError::Malformed(_)));
    let later = r#"{"cassette":2,"exchanges":[]}"#;
    assert!(matches!(read(later), CassetteError::Version(2)));
    let error = Cassette::load("there/is/none.json").unwrap_err();
    assert!(matches!(error, CassetteError::Read(_)));
}
