//! `tent post`, `posts`, `show`, `profile` and `api`, against a server like the reference server.

use serde_json::{Value, json};

use crate::peer::Reply;
use crate::reference::{Reference, receive, status};

fn last_body(server: &Reference) -> Value {
    serde_json::from_str(&server.peer.asked().last().unwrap().body).unwrap()
}

fn last_line(server: &Reference) -> String {
    server.peer.lines().pop().unwrap()
}

#[test]
fn a_status_is_posted_and_read_back() {
    let (server, tent) = Reference::logged_in();
    assert_eq!(tent.run(&["post", "Hello", "--public"]).ok(), "post1\n");
    assert_eq!(
        last_body(&server),
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
        last_body(&server),
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
    assert_eq!(last_body(&server)["content"]["text"], "two\nlines");
    assert_eq!(
        last_body(&server)["permissions"],
        json!({ "public": false })
    );
    for (arguments, input) in [(["post", "-"], " \n"), (["post", ""], "")] {
        tent.run_with(&arguments, input).fails_with(2);
    }
    tent.run(&["post", "--content", "{a}"]).fails_with(2);
    assert_eq!(server.state.lock().unwrap().posts.len(), 1);
}

#[test]
fn flags_become_the_query() {
    let (server, tent) = Reference::logged_in();
    tent.run(&[
        "posts",
        "--limit",
        "7",
        "--since-id",
        "https://bob.example#s1",
        "--before-id",
        "b1",
        "--since-time",
        "1356998400",
        "--before-time",
        "2013-01-02T00:00:00Z",
        "--type",
        "https://t.example/a/v1",
        "--type",
        "https://t.example/b/v1",
        "--entity",
        "bob.example",
        "--mentioning",
        "https://carol.example",
    ]);
    let line = last_line(&server);
    let url = url::Url::parse("http://x")
        .unwrap()
        .join(line.strip_prefix("GET ").unwrap())
        .unwrap();
    let pairs: Vec<_> = url.query_pairs().into_owned().collect();
    let expected = [
        ("limit", "7"),
        ("since_id", "s1"),
        ("since_id_entity", "https://bob.example"),
        ("before_id", "b1"),
        ("since_time", "1356998400"),
        ("before_time", "1357084800"),
        ("entity", "https://bob.example"),
        ("mentioned_entity", "https://carol.example"),
        (
            "post_types",
            "https://t.example/a/v1,https://t.example/b/v1",
        ),
    ];
    let expected: Vec<_> = expected
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
    assert_eq!(pairs, expected);
}

#[test]
fn one_page_unless_all_are_asked_for() {
    let (server, tent) = Reference::logged_in();
    for text in ["one", "two", "three", "four", "five"] {
        tent.run(&["post", text]).ok();
    }
    let ids = |arguments: &[&str]| -> Vec<String> {
        let out = tent.run(arguments).ok();
        out.lines()
            .map(|line| line.rsplit(' ').next().unwrap().to_owned())
            .collect()
    };
    assert_eq!(ids(&["posts"]), ["post5", "post4"]);
    assert_eq!(
        ids(&["posts", "--all"]),
        ["post5", "post4", "post3", "post2", "post1"]
    );
    assert_eq!(last_line(&server), "GET /tent/posts?before_id=post2");
    assert_eq!(
        ids(&["posts", "--limit", "3"]),
        ["post5", "post4", "post3"],
        "pages of two hold them"
    );
    assert_eq!(
        tent.run(&["posts", "--all", "--json"]).ok().lines().count(),
        5
    );
}

#[test]
fn everything_newer_is_listed_newest_first_too() {
    let (server, tent) = Reference::logged_in();
    server.instead(
        "GET /tent/posts",
        Reply::json(r#"[{"id":"p3"},{"id":"p2"}]"#)
            .header("Link", "</tent/posts?since_id=p3>; rel=\"prev\""),
    );
    server.instead(
        "GET /tent/posts",
        Reply::json(r#"[{"id":"p4"}]"#).header("Link", "</tent/posts?since_id=p4>; rel=\"prev\""),
    );
    server.instead("GET /tent/posts", Reply::json("[]"));
    let out = tent
        .run(&["posts", "--all", "--since-id", "p1", "--json"])
        .ok();
    assert_eq!(out, "{\"id\":\"p4\"}\n{\"id\":\"p3\"}\n{\"id\":\"p2\"}\n");
}

#[test]
fn posts_are_counted_with_head_or_without() {
    let (server, tent) = Reference::logged_in();
    tent.run(&["post", "one"]).ok();
    assert_eq!(tent.run(&["posts", "--count"]).ok(), "1\n");
    assert_eq!(last_line(&server), "HEAD /tent/posts");
    for old in [Reply::status(200), Reply::status(404), Reply::status(501)] {
        server.instead("HEAD /tent/posts", old);
        let counted = tent
            .run(&["posts", "--count", "--json", "--entity", "bob.example"])
            .ok();
        assert_eq!(counted, "{\"count\":1}\n");
        assert_eq!(
            last_line(&server),
            "GET /tent/posts/count?entity=https%3A%2F%2Fbob.example"
        );
    }
}

#[test]
fn a_post_of_another_is_asked_for_with_its_entity_and_ones_own_without() {
    let (server, tent) = Reference::logged_in();
    tent.run(&["show", "https://bob.example#Zz", "--version", "3"])
        .fails_with(1);
    assert_eq!(
        last_line(&server),
        "GET /tent/posts/https%3A%2F%2Fbob.example/Zz?version=3"
    );
    tent.run(&["show", "Zz", "--entity", &server.url()])
        .fails_with(1);
    assert_eq!(last_line(&server), "GET /tent/posts/Zz");
}

#[test]
fn an_id_may_begin_with_a_hyphen() {
    let (server, tent) = Reference::logged_in();
    tent.run(&["show", "-I-h", "--json"]).failure(1);
    assert_eq!(last_line(&server), "GET /tent/posts/-I-h");
    tent.run(&["show", "--json", "-vQ"]).failure(1);
    assert_eq!(last_line(&server), "GET /tent/posts/-vQ");
    tent.run(&["posts", "--since-id", "-s", "--before-id", "--b"])
        .ok();
    let line = last_line(&server);
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
    assert!(!err.contains('\u{1b}') && err.contains("--scope"), "{err}");
}

#[test]
fn types_of_tent_have_names_and_what_is_no_type_is_not_sent() {
    let (server, tent) = Reference::logged_in();
    let essay = ["post", "--type", "essay", "--content", "{\"body\":\"\"}"];
    tent.run(&essay).ok();
    let essay = "https://tent.io/types/post/essay/v0.1.0";
    assert_eq!(last_body(&server)["type"], essay);
    tent.run(&["posts", "--type", "essay"]).ok();
    let escaped: String = url::form_urlencoded::byte_serialize(essay.as_bytes()).collect();
    let line = last_line(&server);
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
