//! `tent posts`, against a server like the reference server.

use crate::peer::Reply;
use crate::reference::Reference;

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
    let line = server.peer.last_line();
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
    assert_eq!(server.peer.last_line(), "GET /tent/posts?before_id=post2");
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
    assert_eq!(server.peer.last_line(), "HEAD /tent/posts");
    for old in [Reply::status(200), Reply::status(404), Reply::status(501)] {
        server.instead("HEAD /tent/posts", old);
        let counted = tent
            .run(&["posts", "--count", "--json", "--entity", "bob.example"])
            .ok();
        assert_eq!(counted, "{\"count\":1}\n");
        assert_eq!(
            server.peer.last_line(),
            "GET /tent/posts/count?entity=https%3A%2F%2Fbob.example"
        );
    }
}
