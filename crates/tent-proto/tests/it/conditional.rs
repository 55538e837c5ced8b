//! Reads of what may not have changed.

use proptest::prelude::*;
use tent_flow::Seed;
use tent_flow::script::{Answer, Script};
use tent_proto::call::{
    Call, Change, Conditional, DeletePost, GetPost, ListPosts, UpdatePost, Validator,
};
use tent_proto::mac::{Algorithm, Credentials};
use tent_proto::{CallError, Post, Session};

use crate::receive::{id, round_trip};

const POST: &str = "https://a.example/posts/p1";

fn session() -> Session {
    let credentials = Credentials::new("u:1", "k", Algorithm::HmacSha256).unwrap();
    let (entity, server) = ("https://alice.example", "https://a.example");
    let servers = vec![server.parse().unwrap()];
    Session::new(
        entity.parse().unwrap(),
        servers,
        credentials,
        Seed::new([7; 32]),
    )
}

fn tag(text: &str) -> Validator {
    Validator::ETag(text.into())
}

fn date(text: &str) -> Validator {
    Validator::LastModified(text.into())
}

/// What comes of reading a post that is there already in one version, or not at all.
fn read(known: Option<&Validator>, answer: Answer) -> (Change<Post>, String) {
    let mut script = Script::new().on("GET", POST, answer);
    let mut call = Conditional::new(GetPost::new("p1"));
    call.known = known.cloned();
    let change = script.run(session().call(call)).unwrap();
    let seen = &script.seen()[0];
    assert!(!seen.header("authorization").is_empty());
    let headers = ["if-none-match", "if-modified-since"].map(|name| seen.header(name));
    (change, headers.join("|"))
}

#[test]
fn what_has_not_changed_does_not_come_again() {
    let (change, sent) = read(Some(&tag("\"5d41\"")), Answer::status(304));
    assert_eq!((change, sent.as_str()), (Change::Unchanged, "\"5d41\"|"));
    let since = "Sat, 29 Sep 2012 10:00:00 GMT";
    let (change, sent) = read(Some(&date(since)), Answer::status(304));
    assert_eq!((change, sent), (Change::Unchanged, format!("|{since}")));
}

#[test]
fn what_has_changed_comes_with_what_it_is_recognised_by() {
    let post = || Answer::json(r#"{"version":2}"#);
    let both = || {
        post()
            .header("ETag", "W/\"b\"")
            .header("Last-Modified", "then")
    };
    for (answer, expected) in [
        (both(), Some(tag("W/\"b\""))),
        (post().header("Last-Modified", "then"), Some(date("then"))),
        (post().header("ETag", " "), None),
        (post(), None),
    ] {
        let (change, _) = read(Some(&tag("\"a\"")), answer);
        let Change::Changed { value, validator } = change else {
            panic!("{change:?}");
        };
        assert_eq!((value.version, validator), (Some(2), expected));
    }
    let (first, sent) = read(None, both());
    assert_eq!(
        (first.changed().unwrap().version, sent.as_str()),
        (Some(2), "|")
    );
}

#[test]
fn a_page_may_not_have_changed_either() {
    let url = "https://a.example/posts?limit=2";
    let page = Answer::json(r#"[{"id":"b"},{"id":"a"}]"#)
        .header("etag", "\"1\"")
        .header("link", "</posts?limit=2&before_id=a>; rel=\"next\"");
    let mut script = Script::new()
        .on("GET", url, page)
        .on("GET", url, Answer::status(304))
        .on(
            "GET",
            "https://a.example/posts?limit=2&before_id=a",
            Answer::json("[]"),
        );
    let list = || ListPosts::new().limit(2);
    let first = script
        .run(session().call(Conditional::new(list())))
        .unwrap();
    let Change::Changed {
        value: page,
        validator: Some(known),
    } = first
    else {
        panic!("{first:?}");
    };
    let again = script
        .run(session().call(list().if_changed(&known)))
        .unwrap();
    assert!(again.changed().is_none());
    // It is a page like any other.
    let next = script.run(session().call(page.next.unwrap())).unwrap();
    assert!(next.items.is_empty());
    script.finish();
}

#[test]
fn that_nothing_changed_is_no_answer_to_who_has_nothing() {
    let run = |call: Conditional<GetPost>| {
        Script::new()
            .on("GET", POST, Answer::status(304))
            .run(session().call(call))
    };
    let error = run(Conditional::new(GetPost::new("p1"))).unwrap_err();
    assert_eq!(error.status().unwrap(), 304);
    let mut script = Script::new().on("GET", POST, Answer::status(304));
    let error = script.run(session().get_post("p1")).unwrap_err();
    assert_eq!(error.status().unwrap(), 304);
}

#[test]
fn other_errors_stay_what_they_are() {
    let gone = Answer::status(404);
    let call = GetPost::new("p1").if_changed(&tag("\"a\""));
    let error = Script::new()
        .on("GET", POST, gone)
        .run(session().call(call))
        .unwrap_err();
    assert_eq!(error.status().unwrap(), 404);
    let split = GetPost::new("p1").if_changed(&tag("\"a\"\r\nx: y"));
    let error = Script::new().run(session().call(split)).unwrap_err();
    assert!(matches!(error, CallError::Build(_)), "{error:?}");
}

#[test]
fn a_write_has_no_such_condition() {
    let known = tag("\"a\"");
    let update = UpdatePost::new("p1", Post::status("x")).if_changed(&known);
    let delete = DeletePost::new("p1").if_changed(&known);
    let mut script =
        Script::new()
            .on("PUT", POST, Answer::json("{}"))
            .on("DELETE", POST, Answer::status(200));
    assert!(
        script
            .run(session().call(update))
            .unwrap()
            .changed()
            .is_some()
    );
    script.run(session().call(delete)).unwrap();
    assert!(
        script
            .seen()
            .iter()
            .all(|seen| seen.header("if-none-match").is_empty())
    );
}

#[test]
fn what_is_kept_can_be_stored() {
    let tag = tag("\"5d41\"");
    let text = serde_json::to_string(&tag).unwrap();
    assert_eq!(text, r#"{"etag":"\"5d41\""}"#);
    assert_eq!(serde_json::from_str::<Validator>(&text).unwrap(), tag);
}

proptest! {
    #[test]
    fn a_server_reads_the_condition(id in id(), is_tag: bool, text in "[!-~]([ -~]{0,20}[!-~])?") {
        let known = if is_tag { tag(&text) } else { date(&text) };
        round_trip(&GetPost::new(id.as_str()).if_changed(&known))?;
        round_trip(&Conditional::new(GetPost::new(id)))?;
    }
}
