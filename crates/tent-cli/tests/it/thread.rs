//! `tent thread`

use serde_json::json;

use crate::peer::Reply;
use crate::reference::{Reference, receive, status};

const BOB: &str = "https://bob.example";

/// The ids at the ends of the lines.
fn ids(out: &str) -> Vec<&str> {
    let lines = out.lines();
    lines.map(|line| line.rsplit(' ').next().unwrap()).collect()
}

#[test]
fn a_thread_is_what_a_post_answers_and_what_answers_it() {
    let (server, tent) = Reference::logged_in();
    let own = server.url();
    let gone = "https://gone.example";
    for (entity, id, answers) in [
        // A circle: b4 is an answer to p2.
        (BOB, "b1", &[(gone, "g"), (BOB, "b4")][..]),
        (&own, "p1", &[(BOB, "b1")]),
        (&own, "p2", &[(BOB, "nobody-knows"), (&own, "p1")]),
        (BOB, "b2", &[(&own, "p2"), (&own, "p1")]),
        (&own, "p3", &[(BOB, "b2")]),
        (BOB, "b3", &[(&own, "p2")]),
        (BOB, "b4", &[(&own, "p2")]),
        (BOB, "b5", &[(&own, "p9")]),
    ] {
        receive(&server, status(entity, id, "Hello", answers));
    }
    let ran = tent.run(&["thread", "p2"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(ids(&ran.out), ["b4", "b1", "p1", "p2", "b2", "p3", "b3"]);
    let mut marked = ran.out.lines().filter(|line| line.starts_with('*'));
    assert!(marked.next().unwrap().ends_with("  p2") && marked.next().is_none());
    let indents = ran.out.lines();
    let indents: Vec<_> = indents.map(|line| line.find('-').unwrap() - 2).collect();
    assert_eq!(indents, [0, 2, 4, 6, 8, 10, 8]);
    for lost in ["https://gone.example#g", "https://bob.example#nobody-knows"] {
        let told = format!("{lost} is not to be had");
        assert!(ran.err.contains(&told), "{}", ran.err);
    }
    let ran = tent.run(&["thread", "bob.example#b5", "--json"]);
    assert_eq!((ran.code, ran.out.lines().count()), (0, 1), "{}", ran.err);
    tent.run(&["thread", "none"]).fails_with(1);
}

#[test]
fn a_server_that_ignores_what_is_asked_for_makes_no_thread() {
    let (server, tent) = Reference::logged_in();
    receive(&server, status(&server.url(), "p", "Hello", &[]));
    let others = json!([
        status(BOB, "b", "Else", &[(BOB, "p")]),
        status(BOB, "c", "Answer", &[(&server.url(), "p")])
    ]);
    server.instead("GET /tent/posts", Reply::json(others.to_string()));
    let out = tent.run(&["thread", "p"]).ok();
    assert_eq!(ids(&out), ["p", "c"]);
}
