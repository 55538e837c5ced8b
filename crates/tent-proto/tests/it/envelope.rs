//! Envelopes say what posts say, and lose nothing.

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::Value;
use tent_flow::script::{Answer, Script};
use tent_proto::call::{ListPosts, ScanPosts};
use tent_proto::json::{DecodeError, decode};
use tent_proto::model::{Envelope, Status};
use tent_proto::{CallError, Post, Session};

const PAGE: &str = r#" [ {"id":"a\u0062","type":"t","content":{"text":"one"},"published_at":"5","x":[1.50]},
    {"id":"c","entity":null,"received_at":6.0,"version":"3","permissions":{"public":"true"}}, {} ] "#;

#[test]
fn a_page_is_borrowed_from_its_body() {
    let envelopes = Envelope::parse_page(PAGE.as_bytes()).unwrap();
    let [first, second, third] = &envelopes[..] else {
        panic!("{envelopes:?}");
    };
    assert_eq!(first.id.as_deref(), Some("ab"));
    assert_eq!(first.published_at.unwrap().epoch_seconds(), 5);
    assert_eq!(second.received_at.unwrap().epoch_seconds(), 6);
    assert_eq!((second.version, second.entity.as_deref()), (Some(3), None));
    assert_eq!(third.as_json(), "{}");
    let post_type = first.post_type.as_deref().unwrap().as_ptr();
    assert!(PAGE.as_bytes().as_ptr_range().contains(&post_type));
    assert!(first.as_json().ends_with(r#""x":[1.50]}"#));
    assert_eq!(first.to_post().unwrap().extra.get("x"), Some("[1.50]"));
    assert!(second.to_post().unwrap().is_public());
    assert!(Envelope::parse_page(b"\n[\t]\r\n").unwrap().is_empty());
}

#[test]
fn the_content_is_read_on_demand_and_may_borrow() {
    #[derive(serde::Deserialize)]
    struct Text<'a> {
        text: &'a str,
    }
    let envelope = Envelope::parse(br#"{"content":{"text":"one"}}"#).unwrap();
    assert_eq!(envelope.content::<Text<'_>>().unwrap().text, "one");
    let status: Status = envelope.content().unwrap();
    assert_eq!(status.text.as_deref(), Some("one"));
    let none = Envelope::parse(br#"{"content":null}"#).unwrap();
    assert!(matches!(
        none.content::<Status>(),
        Err(DecodeError::Missing("content"))
    ));
}

#[test]
fn what_is_wrong_has_its_place() {
    for (page, place) in [
        (&br#"[{"id":"a"},{"id":3}]"#[..], "$[1].id"),
        (br#"[{"id":"a"},{"version":1.5}]"#, "$[1].version"),
        (br#"[{"id":"a"},{"x":[1,}]"#, "$[1].x[1]"),
        (br#"[{"id":"a"},null]"#, "$[1]"),
        (br#"[{"id":"a"},]"#, "$[1]"),
        (br#"[{"id":"a"} {"id":"b"}]"#, "$[0]"),
        (br#"[{"id":"a"},{"id":"b"}"#, "$[1]"),
        (b"[{\"id\":\"a\"},{\"id\":\"\xff\"}]", "$[1].id"),
        (br#"{"id":"a"}"#, "$"),
    ] {
        let shown = String::from_utf8_lossy(page);
        let error = Envelope::parse_page(page).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("at {place} in the body"),
            "{shown}"
        );
    }
    assert!(matches!(
        Envelope::parse_page(b" "),
        Err(DecodeError::Empty)
    ));
    // What no envelope looks at is found when the post is read.
    let page = Envelope::parse_page(br#"[{"id":"a","mentions":3}]"#).unwrap();
    let error = page[0].to_post().unwrap_err();
    assert_eq!(error.to_string(), "at $.mentions in the body");
}

fn session() -> Session {
    let entity = "https://alice.example".parse().unwrap();
    Session::anonymous(entity, vec!["https://a.example/tent".parse().unwrap()])
}

/// Passes through all pages and says which ids there were.
fn scan(script: &mut Script, list: ListPosts) -> Result<Vec<String>, CallError> {
    let (session, mut ids) = (session(), Vec::new());
    let mut next = Some(ScanPosts::new(list));
    while let Some(scan) = next {
        let page = script.run(session.call(scan))?;
        let envelopes = page.envelopes().unwrap();
        ids.extend(
            envelopes
                .iter()
                .map(|post| post.id.as_deref().unwrap().to_owned()),
        );
        next = page.next;
    }
    Ok(ids)
}

#[test]
fn a_scan_goes_on_by_links() {
    let mut script = Script::new()
        .on(
            "GET",
            "https://a.example/tent/posts?limit=2",
            Answer::json(r#"[{"id":"c"},{"id":"b"}]"#)
                .header("link", r#"</tent/posts?limit=2&before_id=b>; rel="next""#),
        )
        .on(
            "GET",
            "https://a.example/tent/posts?limit=2&before_id=b",
            Answer::json(r#"[{"id":"a"}]"#)
                .header("link", r#"</tent/posts?limit=2&since_id=a>; rel="prev""#),
        );
    let ids = scan(&mut script, ListPosts::new().limit(2)).unwrap();
    assert_eq!(ids, ["c", "b", "a"]);
    script.finish();
}

#[test]
fn a_scan_goes_on_by_posts_where_there_are_no_links() {
    let mut script = Script::new()
        .on(
            "GET",
            "https://a.example/tent/posts",
            Answer::json(r#"[{"id":"c"},{"id":"b"}]"#),
        )
        .on(
            "GET",
            "https://a.example/tent/posts?before_id=b",
            Answer::json("[]"),
        );
    assert_eq!(scan(&mut script, ListPosts::new()).unwrap(), ["c", "b"]);
    script.finish();
}

#[test]
fn a_scan_does_not_follow_a_link_to_elsewhere() {
    let mut script = Script::new().on(
        "GET",
        "https://a.example/tent/posts",
        Answer::json("[]").header("link", r#"<https://b.example/posts>; rel="next""#),
    );
    let error = scan(&mut script, ListPosts::new()).unwrap_err();
    assert!(matches!(error, CallError::Decode { .. }), "{error:?}");
}

/// A member of a post, well-formed or not, known or not.
fn member() -> impl Strategy<Value = String> {
    const NAMES: &[&str] = &[
        "id",
        "entity",
        "type",
        "content",
        "published_at",
        "received_at",
        "updated_at",
        "version",
        "licences",
        "x",
        r"i\u0064",
    ];
    const VALUES: &[&str] = &[
        "null",
        "\"\"",
        "[]",
        "{}",
        "7",
        "7.0",
        "\"7\"",
        "-1",
        "\"a\\\"\\u00e9\"",
        "{\"text\":\"]},\"}",
        "[[],[{}]]",
        "true",
    ];
    let space = || select(vec!["", " ", "\n\t"]);
    (select(NAMES), space(), select(VALUES), space())
        .prop_map(|(name, before, value, after)| format!("\"{name}\"{before}:{value}{after}"))
}

fn object() -> impl Strategy<Value = String> {
    proptest::collection::vec(member(), 0..6)
        .prop_map(|members| format!("{{{}}}", members.join(",")))
}

fn assert_says_what_the_post_says(envelope: &Envelope<'_>, post: &Post) {
    let ids = (envelope.id.as_deref(), envelope.entity.as_deref());
    assert_eq!(ids.0, post.id.as_ref().map(|id| id.as_str()));
    assert_eq!(ids.1, post.entity.as_ref().map(|entity| entity.as_str()));
    let post_type = post.post_type.as_ref().map(|uri| uri.as_str());
    assert_eq!(envelope.post_type.as_deref(), post_type);
    let content = post.content.as_ref().map(|content| content.as_json());
    assert_eq!(envelope.content.map(|content| content.get()), content);
    assert_eq!(envelope.published_at, post.published_at);
    assert_eq!(envelope.received_at, post.received_at);
    assert_eq!(envelope.updated_at, post.updated_at);
    assert_eq!(envelope.version, post.version);
    assert_eq!(envelope.to_post().unwrap(), *post);
}

proptest! {
    #[test]
    fn an_envelope_says_what_the_post_says(
        posts in proptest::collection::vec(object(), 0..4), space in select(vec!["", " ", "\r\n"]),
    ) {
        let page = format!("{space}[{space}{}{space}]{space}", posts.join(&format!("{space},{space}")));
        match (Envelope::parse_page(page.as_bytes()), decode::<Vec<Post>>(page.as_bytes())) {
            (Ok(envelopes), Ok(read)) => {
                prop_assert_eq!(envelopes.len(), read.len());
                for ((envelope, post), json) in envelopes.iter().zip(&read).zip(&posts) {
                    prop_assert_eq!(envelope.as_json(), json);
                    assert_says_what_the_post_says(envelope, post);
                }
            }
            // A member that only posts have was wrong.
            (_, Err(error)) if error.to_string().contains(".licences") => {}
            // What makes no envelope makes no post, for the same reason.
            (Err(envelopes), Err(posts)) => prop_assert_eq!(envelopes.to_string(), posts.to_string()),
            (Ok(_), Err(error)) => prop_assert!(false, "{}", error),
            (Err(error), Ok(_)) => prop_assert!(false, "{}", error),
        }
    }

    #[test]
    fn a_page_is_what_json_takes_for_a_list_of_objects(pieces in proptest::collection::vec(
        select(vec![",", ",", "{}", "{ }", "{\"a\":[]}", "{", "]", "[", "null", " ", "\t\r\n"]), 0..6,
    )) {
        let text = format!("[{}]", pieces.concat());
        let objects = serde_json::from_str::<Vec<serde_json::Map<String, Value>>>(&text);
        let envelopes = Envelope::parse_page(text.as_bytes());
        prop_assert_eq!(envelopes.ok().map(|all| all.len()), objects.ok().map(|all| all.len()));
    }

    #[test]
    fn no_body_panics(body in proptest::collection::vec(any::<u8>(), 0..60)) {
        let _ = Envelope::parse_page(&body);
        let _ = Envelope::parse(&body);
    }
}
