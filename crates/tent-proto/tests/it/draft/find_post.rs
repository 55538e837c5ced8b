//! Looking for a post when no answer tells whether it was published.

use serde_json::{Value, json};
use tent_flow::script::Script;
use tent_flow::{Delivery, TransportError, TransportErrorKind};
use tent_proto::CallError;
use tent_proto::draft::call::CreatePost;

use super::{ROOT, answer, read, session};

const SENT: u64 = 1_356_998_400;

/// A post as a server shows it.
fn shown(id: &str, time: u64, text: &str) -> Value {
    let status = json!({"url": "https://tent.io/types/posts/status", "version": "0.1.0"});
    json!({
        "id": id, "entity": "smith.me", "scope": "public", "time": time,
        "content": {"text": text, "type": status},
    })
}

/// Publishes a post of this time, gets no answer, and looks for it where the server shows these.
fn found(time: u64, since: u64, posts: &Value) -> Result<Option<String>, CallError> {
    let mut sent = shown("", time, "Low water at six.");
    let members = sent.as_object_mut().unwrap();
    for name in ["id", "entity", "scope"] {
        members.remove(name);
    }
    let lost = TransportError::new(TransportErrorKind::Broken, Delivery::Possible);
    let list = format!("{ROOT}/posts?entity=smith%2Eme&since_time={since}&limit=200");
    let mut script =
        Script::new()
            .on("POST", &format!("{ROOT}/posts"), lost)
            .on("GET", &list, answer(posts));
    let create = session().call(CreatePost::new(read(&sent)));
    let CallError::OutcomeUnknown { search, .. } = script.run(create).unwrap_err() else {
        panic!("nobody knows");
    };
    let found = script.run(*search.unwrap())?;
    script.finish();
    Ok(found.map(|post| {
        assert_eq!(post.entity.unwrap().as_str(), "https://smith.me");
        post.id.unwrap().to_string()
    }))
}

#[test]
fn it_is_found_by_its_time_and_content_in_whatever_order() {
    let others = json!([
        shown("p1", SENT, "High water at noon."),
        shown("p2", SENT - 1, "Low water at six."),
    ]);
    assert_eq!(found(SENT, SENT - 60, &others).unwrap(), None);
    let mut all = others;
    let it = shown("p3", SENT, "Low water at six.");
    all.as_array_mut().unwrap().insert(1, it);
    assert_eq!(found(SENT, SENT - 60, &all).unwrap().unwrap(), "p3");
}

#[test]
fn one_that_names_an_earlier_time_is_looked_for_since_then() {
    let earlier = SENT - 86_400;
    let posts = json!([shown("p1", earlier, "Low water at six.")]);
    assert_eq!(found(earlier, earlier - 60, &posts).unwrap().unwrap(), "p1");
}

#[test]
fn one_that_cannot_be_converted_is_an_error() {
    let mut post = shown("p1", SENT, "Low water at six.");
    post["published_at"] = json!(1);
    let error = found(SENT, SENT - 60, &json!([post])).unwrap_err();
    assert!(matches!(error, CallError::Decode { .. }), "{error:?}");
}
