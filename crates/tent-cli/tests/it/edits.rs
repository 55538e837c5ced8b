//! `tent edit`, `delete`, `versions` and `mentions`.

use serde_json::{Value, json};

use crate::reference::{Reference, receive, status};

const BOB: &str = "https://bob.example";

#[test]
fn an_edit_sends_back_what_stays() {
    let (server, tent) = Reference::logged_in();
    let mut post = status(&server.url(), "p", "Helo", &[(BOB, "b")]);
    post["version"] = 4.into();
    post["content"]["location"] = json!({ "type": "Point", "coordinates": [1.50, 2] });
    post["licenses"] = json!(["https://l.example/by"]);
    receive(&server, post);
    assert_eq!(tent.run(&["edit", "p", "Hello"]).ok(), "p  version 5\n");
    assert_eq!(
        server.peer.last_body(),
        json!({
            "content": { "text": "Hello", "location": { "type": "Point", "coordinates": [1.5, 2] } },
            "licenses": ["https://l.example/by"],
            "mentions": [{ "entity": BOB, "post": "b" }],
        })
    );
    let own = format!("{}#p", server.url());
    let edit = [
        "edit",
        &own,
        "-",
        "--json",
        "--mention",
        "carol.example",
        "--mention",
        "bob.example#b",
    ];
    let ran = tent.run_with(&edit, "Hi\n");
    let edited: Value = serde_json::from_str(&ran.ok()).unwrap();
    assert_eq!(
        (&edited["version"], &edited["content"]["text"]),
        (&json!(6), &json!("Hi"))
    );
    let mentions = json!([{ "entity": BOB, "post": "b" }, { "entity": "https://carol.example" }]);
    assert_eq!(
        (&edited["mentions"], &server.peer.last_body()["mentions"]),
        (&mentions, &mentions)
    );
    assert_eq!(server.peer.last_line(), "PUT /tent/posts/p");
}

#[test]
fn what_comes_out_otherwise_is_told() {
    let (server, tent) = Reference::logged_in();
    tent.run(&["post", "Hello"]).ok();
    let ran = tent.run(&["edit", "post1", "--mention", "bob.example"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, "post1  version 2\n"));
    assert_eq!(
        ran.err,
        "warning: the mentions came out otherwise than meant\n"
    );
    let answer = r#"{"id":"post1","content":{"text":"H"},"licenses":["x"]}"#;
    server.instead("PUT /tent/posts/post1", crate::peer::Reply::json(answer));
    let ran = tent.run(&["edit", "post1", "Hi", "--json"]);
    assert_eq!(ran.code, 0);
    assert!(
        ran.err.contains("the content") && ran.err.contains("the licenses"),
        "{}",
        ran.err
    );
    assert!(!ran.err.contains("mentions"), "{}", ran.err);
    // The order of members and white space are not what was meant.
    tent.run(&["edit", "post1", "--content", "{\"z\": 1,\n \"a\": 1.50}"])
        .ok();
    assert_eq!(
        server.peer.last_body()["content"],
        json!({ "z": 1, "a": 1.5 })
    );
}

#[test]
fn an_edit_that_makes_no_sense_is_refused_before_it_is_sent() {
    let (server, tent) = Reference::logged_in();
    let mut photo = status(&server.url(), "photo", "", &[]);
    photo["type"] = "https://tent.io/types/post/photo/v0.1.0".into();
    receive(&server, photo);
    tent.run(&["post", "Hello"]).ok();
    let err = tent.run(&["edit", "photo", "text"]).fails_with(2);
    assert!(
        err.contains("no status") && err.contains("--content"),
        "{err}"
    );
    for content in ["{a}", "\"text\"", "[1]", ""] {
        tent.run(&["edit", "post2", "--content", content])
            .fails_with(2);
    }
    tent.run(&["edit", "post2", " "]).fails_with(2);
    tent.run(&["edit", "post2", "--content", "@/does/not/exist"])
        .fails_with(5);
    assert!(
        !server
            .peer
            .lines()
            .iter()
            .any(|line| line.starts_with("PUT"))
    );
    let failure = tent.run(&["edit", "none", "text", "--json"]).failure(1);
    assert_eq!(failure["status"], 404);
}

#[test]
fn what_can_be_done_with_ones_own_posts_alone_says_so() {
    let (server, tent) = Reference::logged_in();
    let before = server.peer.lines().len();
    for arguments in [
        &["edit", "bob.example#b", "text"][..],
        &["delete", "bob.example#b"],
        &["versions", "bob.example#b"],
        &["mentions", "bob.example#b"],
    ] {
        let err = tent.run(arguments).fails_with(2);
        assert!(
            err.contains("https://bob.example#b is not a post of your own"),
            "{err}"
        );
    }
    assert_eq!(server.peer.lines().len(), before);
}

#[test]
fn versions_are_listed_shown_and_gone_back_to() {
    let (server, tent) = Reference::logged_in();
    tent.run(&["post", "one"]).ok();
    tent.run(&["edit", "post1", "two\u{1b}[31m"]).ok();
    let versions = tent.run(&["versions", "post1"]).ok();
    let lines: Vec<_> = versions.lines().collect();
    assert!(
        lines[0].starts_with("  2  20") && lines[0].ends_with("  two[31m"),
        "{versions}"
    );
    assert!(
        lines[1].starts_with("  1  20") && lines[1].ends_with("  one"),
        "{versions}"
    );
    assert_eq!(
        tent.run(&["versions", "post1", "--json", "--limit", "3"])
            .ok()
            .lines()
            .count(),
        2
    );
    assert_eq!(
        server.peer.last_line(),
        "GET /tent/posts/post1/versions?limit=3"
    );
    let old = tent.run(&["show", "post1", "--version", "1"]).ok();
    assert!(old.ends_with("\n\none\n"), "{old}");
    tent.run(&["show", "post1", "--view", "meta"]).ok();
    assert_eq!(server.peer.last_line(), "GET /tent/posts/post1?view=meta");

    assert_eq!(
        tent.run(&["edit", "post1", "--revert", "1"]).ok(),
        "post1  version 3\n"
    );
    assert_eq!(server.peer.last_body(), json!({ "version": 1 }));
    tent.run(&["edit", "post1", "--revert", "9"]).fails_with(1);
    tent.run(&["versions", "none"]).fails_with(1);
}

#[test]
fn a_post_or_a_version_is_deleted() {
    let (server, tent) = Reference::logged_in();
    for id in ["-v", "--b"] {
        receive(&server, status(&server.url(), id, "Hello", &[]));
    }
    tent.run(&["post", "Hello"]).ok();
    tent.run(&["edit", "post3", "Hi"]).ok();
    assert_eq!(
        tent.run(&["delete", "post3", "--version", "1"]).ok(),
        "deleted post3\n"
    );
    assert_eq!(
        server.peer.last_line(),
        "DELETE /tent/posts/post3?version=1"
    );
    assert_eq!(
        tent.run(&["delete", "post3", "--json"]).ok(),
        "{\"deleted\":\"post3\"}\n"
    );
    assert_eq!(tent.run(&["delete", "--", "-v"]).ok(), "deleted -v\n");
    assert_eq!(tent.run(&["delete", "--b"]).ok(), "deleted --b\n");
    assert!(server.state.lock().unwrap().posts.is_empty());
    let failure = tent.run(&["delete", "post3", "--json"]).failure(1);
    assert_eq!(failure["status"], 404);
}

#[test]
fn mentions_are_listed_a_page_or_all() {
    let (server, tent) = Reference::logged_in();
    let own = server.url();
    receive(&server, status(&own, "p", "Hello", &[]));
    for id in ["m1", "m2", "m3"] {
        receive(&server, status(BOB, id, "Hi", &[(&own, "p")]));
    }
    let line = |id| format!("https://tent.io/types/post/status/v0.1.0  {BOB}#{id}\n");
    assert_eq!(tent.run(&["mentions", "p"]).ok(), line("m1") + &line("m2"));
    let all = tent.run(&["mentions", "p", "--all"]).ok();
    assert_eq!(all, line("m1") + &line("m2") + &line("m3"));
    let json = tent.run(&["mentions", "p", "--json", "--limit", "1"]).ok();
    assert_eq!(
        server.peer.last_line(),
        "GET /tent/posts/p/mentions?limit=1"
    );
    let first: Value = serde_json::from_str(json.lines().next().unwrap()).unwrap();
    assert_eq!(
        (&first["entity"], &first["post"]),
        (&json!(BOB), &json!("m1"))
    );
}
