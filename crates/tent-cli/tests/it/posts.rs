//! `tent post`, `show` and `profile`, against a server like the reference server.

use serde_json::{Value, json};

use crate::peer::Reply;
use crate::reference::{Reference, receive, status};

#[test]
fn a_status_is_posted_and_read_back() {
    let (server, tent) = Reference::logged_in();
    assert_eq!(tent.run(&["post", "Hello", "--public"]).ok(), "post1\n");
    assert_eq!(
        server.peer.last_body(),
        json!({
            "type": "https://tent.io/types/post/status/v0.1.0",
            "content": { "text": "Hello" },
            "permissions": { "public": true },
        })
    );
    let line = tent.run(&["posts"]).ok();
    assert!(
        line.ends_with(&format!("  {}  Hello  post1\n", server.url())),
        "{line}"
    );
    let page = tent.run(&["show", "post1"]).ok();
    assert!(
        page.ends_with("\n\nHello\n") && page.contains("version 1"),
        "{page}"
    );
}

#[test]
fn json_has_every_member_as_it_came() {
    let (server, tent) = Reference::logged_in();
    let posted: Value = serde_json::from_str(&tent.run(&["post", "Hi", "--json"]).ok()).unwrap();
    let kept = server.state.lock().unwrap().posts[0].clone();
    assert_eq!(posted, kept);
    assert_eq!(posted["unheard_of"], json!({ "a": [1] }));
    for arguments in [&["posts", "--json"][..], &["show", "post1", "--json"]] {
        let out = tent.run(arguments).ok();
        assert_eq!(out.lines().count(), 1);
        assert_eq!(serde_json::from_str::<Value>(&out).unwrap(), kept);
    }
    // A number too long for any type keeps its digits, and a pretty one comes on one line.
    let odd =
        "{\"id\":\"odd\",\n \"extra\": 1.000000000000000000010,\n \"content\": {\n \"a\": 1e3}}";
    server.instead("GET /tent/posts/odd", Reply::json(odd));
    let out = tent.run(&["show", "odd", "--json"]).ok();
    assert_eq!(
        out,
        "{\"id\":\"odd\",\"content\":{\"a\":1e3},\"extra\":1.000000000000000000010}\n"
    );
}

#[test]
fn a_post_says_who_may_see_it_and_whom_it_mentions() {
    let (server, tent) = Reference::logged_in();
    tent.run(&[
        "post",
        "--type",
        "https://t.example/note/v1",
        "--content",
        "{\"a\": 1.50}",
        "--to",
        "bob.example",
        "--to",
        "https://carol.example/",
        "--mention",
        "https://bob.example#Zz81",
        "--mention",
        "dan.example",
    ])
    .ok();
    let asked = server.peer.asked();
    assert!(asked.last().unwrap().body.contains("{\"a\": 1.50}"));
    assert_eq!(
        server.peer.last_body(),
        json!({
            "type": "https://t.example/note/v1",
            "content": { "a": 1.5 },
            "permissions": {
                "public": false,
                "entities": { "https://bob.example": true, "https://carol.example": true },
            },
            "mentions": [
                { "entity": "https://bob.example", "post": "Zz81" },
                { "entity": "https://dan.example" },
            ],
        })
    );
}

#[test]
fn text_can_come_from_standard_input() {
    let (server, tent) = Reference::logged_in();
    assert_eq!(
        tent.run_with(&["post", "-"], "two\nlines\n").ok(),
        "post1\n"
    );
    assert_eq!(server.peer.last_body()["content"]["text"], "two\nlines");
    assert_eq!(
        server.peer.last_body()["permissions"],
        json!({ "public": false })
    );
    for (arguments, input) in [(["post", "-"], " \n"), (["post", ""], "")] {
        tent.run_with(&arguments, input).fails_with(2);
    }
    tent.run(&["post", "--content", "{a}"]).fails_with(2);
    assert_eq!(server.state.lock().unwrap().posts.len(), 1);
}

#[test]
fn a_post_of_another_is_asked_for_with_its_entity_and_ones_own_without() {
    let (server, tent) = Reference::logged_in();
    tent.run(&["show", "https://bob.example#Zz", "--version", "3"])
        .fails_with(1);
    assert_eq!(
        server.peer.last_line(),
        "GET /tent/posts/https%3A%2F%2Fbob.example/Zz?version=3"
    );
    tent.run(&["show", "Zz", "--entity", &server.url()])
        .fails_with(1);
    assert_eq!(server.peer.last_line(), "GET /tent/posts/Zz");
}

#[test]
fn an_id_may_begin_with_a_hyphen() {
    let (server, tent) = Reference::logged_in();
    tent.run(&["show", "-I-h", "--json"]).failure(1);
    assert_eq!(server.peer.last_line(), "GET /tent/posts/-I-h");
    tent.run(&["show", "--json", "-vQ"]).failure(1);
    assert_eq!(server.peer.last_line(), "GET /tent/posts/-vQ");
    tent.run(&["posts", "--since-id", "-s", "--before-id", "--b"])
        .ok();
    let line = server.peer.last_line();
    assert_eq!(line, "GET /tent/posts?since_id=-s&before_id=--b");
}

#[test]
fn the_profile_is_shown_whole_or_by_section() {
    let (server, tent) = Reference::logged_in();
    let page = tent.run(&["profile"]).ok();
    assert!(
        page.contains("https://tent.io/types/info/core/v0.1.0\n  "),
        "{page}"
    );
    assert!(
        page.contains("name  Alice [31m\n") && page.contains("Sails. Reads."),
        "{page}"
    );
    let basic = tent.run(&["profile", "basic", "--json"]).ok();
    assert!(
        basic.starts_with('{') && basic.contains("\"bio\":\"Sails.\\nReads.\""),
        "{basic}"
    );
    let core = tent
        .run(&["profile", "https://tent.io/types/info/core/v0.1.0"])
        .ok();
    assert!(core.contains(&server.url()), "{core}");
    assert_eq!(tent.run(&["profile", "core"]).ok(), core);
    let whole: Value = serde_json::from_str(&tent.run(&["profile", "--json"]).ok()).unwrap();
    assert_eq!(whole.as_object().unwrap().len(), 2);
    tent.run(&["profile", "https://t.example/none/v1"])
        .fails_with(1);
}

#[test]
fn every_way_to_fail_has_its_code() {
    let (server, tent) = Reference::logged_in();
    for (reply, code, status) in [
        (Reply::error(403, "Unauthorized"), 1, 403),
        (Reply::error(404, "Not Found"), 1, 404),
        (
            Reply::status(302).header("Location", "https://evil.example/"),
            1,
            302,
        ),
        (Reply::error(501, "later"), 1, 501),
        (Reply::error(401, "Invalid MAC Key ID"), 3, 401),
        (Reply::error(401, "Stale timestamp"), 1, 401),
    ] {
        server.instead("GET /tent/posts", reply);
        let failure = tent.run(&["posts", "--json"]).failure(code);
        assert_eq!(failure["status"], status, "{failure}");
    }
    for body in ["", "<html>", "{}", "[{\"id\":7}]"] {
        server.instead("GET /tent/posts", Reply::json(body));
        let failure = tent.run(&["posts", "--json"]).failure(1);
        assert_eq!(failure["status"], Value::Null, "{failure}");
    }
    server.instead("GET /tent/posts", Reply::error(403, "\u{1b}[31mred"));
    let err = tent.run(&["posts"]).fails_with(1);
    assert!(
        !err.contains('\u{1b}') && err.contains("--add-scope"),
        "{err}"
    );
}

#[test]
fn types_of_tent_have_names_and_what_is_no_type_is_not_sent() {
    let (server, tent) = Reference::logged_in();
    let essay = ["post", "--type", "essay", "--content", "{\"body\":\"\"}"];
    tent.run(&essay).ok();
    let essay = "https://tent.io/types/post/essay/v0.1.0";
    assert_eq!(server.peer.last_body()["type"], essay);
    tent.run(&["posts", "--type", "essay"]).ok();
    let escaped: String = url::form_urlencoded::byte_serialize(essay.as_bytes()).collect();
    let line = server.peer.last_line();
    assert!(line.ends_with(&format!("post_types={escaped}")), "{line}");
    let before = server.peer.lines().len();
    let err = tent.run(&["posts", "--type", "essays"]).fails_with(2);
    assert!(err.contains("status, essay"), "{err}");
    assert_eq!(server.peer.lines().len(), before);
}

#[test]
fn a_post_that_may_have_arrived_is_looked_for() {
    let (server, tent) = Reference::logged_in();
    // More is announced than comes.
    let cut = || Reply::status(200).header("Content-Length", "99");
    server.instead("POST /tent/posts", cut());
    let err = tent.run(&["post", "once"]).fails_with(4);
    assert!(
        err.contains("unknown") && err.contains("not there so far"),
        "{err}"
    );
    assert!(server.peer.lines().last().unwrap().starts_with("GET "));
    // The outcome stays unknown when there is no answer to that either.
    server.instead("POST /tent/posts", cut());
    server.instead("GET /tent/posts", Reply::error(403, "Unauthorized"));
    let failure = tent.run(&["post", "once", "--json"]).failure(4);
    assert_eq!(
        failure["hint"],
        "look whether it was done before you do it again"
    );

    receive(&server, status(&server.url(), "p1", "once", &[]));
    server.instead("POST /tent/posts", cut());
    let ran = tent.run(&["post", "once"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, "p1\n"), "{}", ran.err);
    assert!(ran.err.contains("looking for it"), "{}", ran.err);
    server.instead("POST /tent/posts", cut());
    let post: Value = serde_json::from_str(&tent.run(&["post", "once", "--json"]).ok()).unwrap();
    assert_eq!(post["id"], "p1");
    // An answer that tells nothing is no better than none.
    for mute in [Reply::html("<p>Hello"), Reply::error(502, "Bad Gateway")] {
        server.instead("POST /tent/posts", mute);
        let ran = tent.run(&["post", "once"]);
        assert_eq!((ran.code, ran.out.as_str()), (0, "p1\n"), "{}", ran.err);
    }
}

#[test]
fn whoever_reads_no_further_is_no_failure() {
    let (_server, tent) = Reference::logged_in();
    for text in ["one", "two", "three"] {
        tent.run(&["post", text]).ok();
    }
    let mut child = tent
        .command(&["posts", "--all"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr), (Some(0), Vec::new()));
}

#[test]
fn a_server_without_tls_beyond_this_computer_must_be_allowed() {
    let (server, tent) = Reference::logged_in();
    let stored = String::from_utf8(tent.stored()).unwrap();
    let moved = stored.replace(&server.url(), "http://tent.invalid");
    std::fs::write(tent.credentials(), moved).unwrap();
    let err = tent.run(&["posts"]).fails_with(2);
    assert!(err.contains("--insecure"), "{err}");
    let insecure = ["posts", "--insecure", "--retries", "0"];
    tent.run(&insecure).fails_with(4);
}
