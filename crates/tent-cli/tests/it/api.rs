//! `tent api`, and what any command would send.

use serde_json::Value;

use crate::peer::Reply;
use crate::reference::Reference;

#[test]
fn any_call_can_be_made_and_its_answer_comes_as_it_is() {
    let (server, tent) = Reference::logged_in();
    let raw = "{ \"b\": 1,\n  \"a\": 2 }";
    server.instead("PUT /tent/x", Reply::json(raw));
    let out = tent
        .run(&[
            "api",
            "put",
            "x?y=%20z",
            "--data",
            "{\"k\": 1}",
            "--include",
        ])
        .ok();
    assert!(
        out.starts_with("HTTP/1.1 200 OK\n") && out.ends_with(raw),
        "{out}"
    );
    let asked = server.peer.asked().pop().unwrap();
    assert_eq!(
        (asked.line().as_str(), asked.body.as_str()),
        ("PUT /tent/x?y=%20z", "{\"k\": 1}")
    );
    assert_eq!(asked.header("content-type"), "application/vnd.tent.v0+json");

    server.instead("GET /tent/x", Reply::json(raw));
    assert_eq!(
        tent.run(&["api", "GET", "/x", "--json"]).ok(),
        "{\"b\":1,\"a\":2}\n"
    );
    assert_eq!(
        tent.run_with(
            &["api", "POST", "posts", "--data", "@-"],
            "{\"type\":\"t\"}"
        )
        .code,
        0
    );
    let refused = tent.run(&["api", "GET", "posts/none"]);
    assert_eq!(
        (refused.code, refused.out.as_str()),
        (1, "{\"error\":\"Not Found\"}")
    );
    assert!(refused.err.contains("404"), "{}", refused.err);
    tent.run(&["api", "GET", "../x"]).fails_with(2);
    tent.run(&["api", "POST", "posts", "--data", "{a"])
        .fails_with(2);
    tent.run(&["api", "POST", "posts", "--data", "@/does/not/exist"])
        .fails_with(5);
}

#[test]
fn a_dry_run_shows_the_signed_request_and_sends_nothing() {
    let (server, tent) = Reference::logged_in();
    let before = server.peer.lines().len();
    let shown = tent.run(&["post", "Hello", "--dry-run"]).ok();
    assert!(
        shown.starts_with(&format!("POST {}/tent/posts\n", server.url())),
        "{shown}"
    );
    assert!(
        shown.contains("\nauthorization: MAC id=\"[masked]\", ts=\""),
        "{shown}"
    );
    assert!(
        shown.ends_with("\"content\":{\"text\":\"Hello\"},\"permissions\":{\"public\":false}}\n"),
        "{shown}"
    );
    for arguments in [
        &["posts", "--all"][..],
        &["posts", "--count"],
        &["show", "x"],
        &["profile"],
    ] {
        let json = tent
            .run(&[arguments, &["--dry-run", "--json"]].concat())
            .ok();
        let shown: Value = serde_json::from_str(&json).unwrap();
        assert!(
            shown["url"].as_str().unwrap().starts_with(&server.url()),
            "{shown}"
        );
    }
    assert_eq!(server.peer.lines().len(), before);
}
