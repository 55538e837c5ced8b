//! Threads: up to the beginning, and down one step.

use tent_flow::Seed;
use tent_flow::script::{Answer, Script};
use tent_proto::call::GetPost;
use tent_proto::mac::{Algorithm, Credentials};
use tent_proto::{CallError, Post, Session};

const ROOT: &str = "https://a.example";
const BOB: &str = "https%3A%2F%2Fbob.example";

fn session() -> Session {
    let credentials = Credentials::new("u:1", "k", Algorithm::HmacSha256).unwrap();
    let servers = vec![ROOT.parse().unwrap()];
    Session::new(
        "https://alice.example".parse().unwrap(),
        servers,
        credentials,
        Seed::new([7; 32]),
    )
}

/// A post of somebody, which answers these posts.
fn post(who: &str, id: &str, answers: &[(&str, &str)]) -> String {
    let mentions: Vec<String> = answers
        .iter()
        .map(|(who, id)| format!(r#"{{"entity":"https://{who}.example","post":"{id}"}}"#))
        .collect();
    let mentions = mentions.join(",");
    format!(r#"{{"entity":"https://{who}.example","id":"{id}","mentions":[{{"entity":"https://dora.example"}},{mentions}]}}"#)
        .replace(",]", "]")
}

fn on(script: Script, path: &str, answer: Answer) -> Script {
    script.on("GET", &format!("{ROOT}/posts{path}"), answer)
}

fn ids(posts: &[Post]) -> Vec<&str> {
    posts
        .iter()
        .map(|post| post.id.as_ref().unwrap().as_str())
        .collect()
}

fn answers_to(id: &str) -> String {
    format!("?mentioned_entity=https%3A%2F%2Falice.example&mentioned_post={id}")
}

#[test]
fn a_thread_goes_up_to_the_beginning_and_down_to_the_answers() {
    let script = on(
        Script::new(),
        "/c",
        Answer::json(post("alice", "c", &[("bob", "b"), ("bob", "x")])),
    );
    let script = on(
        script,
        &format!("/{BOB}/b"),
        Answer::json(post("bob", "b", &[("alice", "a")])),
    );
    let script = on(script, "/a", Answer::json(post("alice", "a", &[])));
    let to_c = [("alice", "c")];
    let answers = format!(
        "[{},{},{}]",
        post("bob", "e", &to_c),
        post("bob", "other", &[("alice", "x")]),
        post("bob", "d", &to_c)
    );
    let mut script = on(script, &answers_to("c"), Answer::json(answers));
    let thread = script.run(session().thread(GetPost::new("c"))).unwrap();
    assert_eq!(ids(&thread.answered), ["a", "b"]);
    assert_eq!(ids(&[thread.post]), ["c"]);
    assert_eq!(ids(&thread.answers), ["d", "e"]);
    script.finish();
}

#[test]
fn what_the_server_does_not_know_is_where_it_begins() {
    let script = on(
        Script::new(),
        "/c",
        Answer::json(post("alice", "c", &[("bob", "b")])),
    );
    let script = on(script, &format!("/{BOB}/b"), Answer::status(404));
    let mut script = on(script, &answers_to("c"), Answer::json("[]"));
    let thread = script.run(session().thread(GetPost::new("c"))).unwrap();
    assert!(thread.answered.is_empty() && thread.answers.is_empty());
    script.finish();
}

#[test]
fn posts_that_answer_each_other_end_the_thread() {
    let script = on(
        Script::new(),
        "/c",
        Answer::json(post("alice", "c", &[("bob", "b")])),
    );
    let script = on(
        script,
        &format!("/{BOB}/b"),
        Answer::json(post("bob", "b", &[("alice", "c")])),
    );
    let mut script = on(script, &answers_to("c"), Answer::json("[]"));
    let thread = script.run(session().thread(GetPost::new("c"))).unwrap();
    assert_eq!(ids(&thread.answered), ["b"]);
    script.finish();
}

#[test]
fn a_post_that_is_not_there_or_a_server_that_fails_is_an_error() {
    let mut script = on(Script::new(), "/c", Answer::status(404));
    let error = script.run(session().thread(GetPost::new("c"))).unwrap_err();
    assert_eq!(error.status().unwrap(), 404);
    let script = on(
        Script::new(),
        "/c",
        Answer::json(post("alice", "c", &[("bob", "b")])),
    );
    let mut script = on(script, &format!("/{BOB}/b"), Answer::times_out());
    let error = script.run(session().thread(GetPost::new("c"))).unwrap_err();
    assert!(matches!(error, CallError::NoAnswer { .. }), "{error:?}");
}
