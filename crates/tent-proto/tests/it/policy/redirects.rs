//! Redirects on one server.

use tent_flow::script::{Answer, Script};
use tent_proto::call::CountPosts;

use super::{A, B, session, signature, two_servers};

fn to(location: &str) -> Answer {
    Answer::status(302).header("location", location)
}

#[test]
fn get_and_head_are_followed_within_the_origin_and_signed_anew() {
    let mut script = Script::new()
        .on("GET", A, to("https://a.example:443/new/posts?x=1#top"))
        .on("GET", "https://a.example/new/posts?x=1", to("there"))
        .on("GET", "https://a.example/new/there", Answer::json("[]"))
        .on("HEAD", A, to("/new"))
        .on(
            "HEAD",
            "https://a.example/new",
            Answer::status(200).header("count", "3"),
        );
    script
        .run(session().list_posts(Default::default()))
        .unwrap();
    let count = CountPosts::new(Default::default());
    assert_eq!(script.run(session().call(count)).unwrap(), 3);
    let nonces: Vec<_> = script.seen().iter().map(|seen| signature(seen).1).collect();
    assert!(nonces[0] != nonces[1] && nonces[1] != nonces[2]);
    script.finish();
}

#[test]
fn anything_else_is_an_error_that_shows_where() {
    for location in [
        "http://a.example/posts",
        "https://a.example:8443/posts",
        "https://user@a.example/posts",
        "//evil.example/posts",
    ] {
        let mut script = Script::new().on("GET", A, to(location));
        let error = script
            .run(session().list_posts(Default::default()))
            .unwrap_err();
        assert_eq!(error.refusal().unwrap().location(), Some(location));
        script.finish();
    }
    let mut script = Script::new().on("GET", A, Answer::status(304).header("location", "/new"));
    script
        .run(session().list_posts(Default::default()))
        .unwrap_err();
    script.finish();
}

#[test]
fn another_server_is_asked_what_was_asked_first() {
    let mut script = Script::new()
        .on("GET", A, to("/new"))
        .on("GET", "https://a.example/new", Answer::status(503))
        .on("GET", B, Answer::json("[]"));
    script
        .run(two_servers().list_posts(Default::default()))
        .unwrap();
    script.finish();
}
