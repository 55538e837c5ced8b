//! The dialect before v0.1.

mod calls;
mod companions;
mod convert;
mod find_post;
mod login;
mod oddities;
mod parameters;
mod recognised;

use serde_json::{Value, json};
use tent_flow::Seed;
use tent_flow::script::{Answer, Script};
use tent_proto::Session;
use tent_proto::call::Call;
use tent_proto::mac::{Algorithm, Credentials, Header};

const ROOT: &str = "https://tent.smith.me";

fn session() -> Session {
    let credentials = Credentials::new("775ecf8", "489dks293j39", Algorithm::HmacSha1).unwrap();
    let servers = vec![ROOT.parse().unwrap()];
    Session::new(
        "https://smith.me".parse().unwrap(),
        servers,
        credentials,
        Seed::new([7; 32]),
    )
}

/// What a call sends along with its target: the headers `Accept` and `Content-Type`, and a body.
struct Sent {
    accept: bool,
    body: Option<Value>,
}

const READ: Sent = Sent {
    accept: true,
    body: None,
};
const DELETE: Sent = Sent {
    accept: false,
    body: None,
};

fn change(body: Value) -> Sent {
    Sent {
        accept: true,
        body: Some(body),
    }
}

fn create(body: Value) -> Sent {
    Sent {
        accept: false,
        body: Some(body),
    }
}

/// Makes a call whose request must be just this one: its method and target, all of its header fields,
/// its body as JSON; and signed with SHA-1, as the credential says.
fn make<C: Call>(call: C, request: &str, sent: &Sent, answer: Answer) -> C::Answer {
    let (method, path) = request.split_once(' ').unwrap();
    let mut script = Script::new().on(method, &format!("{ROOT}{path}"), answer);
    let made = script.run(session().call(call)).unwrap();
    let seen = &script.seen()[0];
    let mut names: Vec<_> = seen.headers.keys().map(|name| name.as_str()).collect();
    names.sort_unstable();
    let mut expected = vec!["authorization"];
    if sent.accept {
        expected.insert(0, "accept");
    }
    if sent.body.is_some() {
        expected.push("content-type");
    }
    assert_eq!(names, expected, "{request}");
    for name in names.iter().filter(|name| **name != "authorization") {
        assert_eq!(seen.header(name), "application/json", "{request}");
    }
    let body = (!seen.body.is_empty()).then(|| serde_json::from_slice(&seen.body).unwrap());
    assert_eq!(body, sent.body, "{request}");
    let header = Header::parse(seen.header("authorization")).unwrap();
    assert_eq!((header.id(), header.mac().len()), ("775ecf8", 28));
    made
}

fn answer(value: &Value) -> Answer {
    Answer::json(value.to_string())
}

fn read<T: serde::de::DeserializeOwned>(value: &Value) -> T {
    serde_json::from_value(value.clone()).unwrap()
}

fn written(object: &impl serde::Serialize) -> Value {
    serde_json::to_value(object).unwrap()
}

/// A post as the document shows it twice.
fn repost() -> Value {
    json!({
        "id": "3fe1abef41cb",
        "time": 1_345_317_776,
        "entity": "smithson.me",
        "scope": "public",
        "licences": [{"url": "https://licences.org/free-speach", "version": "0.1.0"}],
        "content": {
            "type": {"url": "https://tent.io/types/posts/repost", "version": "0.1.0", "view": "full"},
            "entity": "elza-mraz.me"
        }
    })
}
