//! Threads: up to the beginning, and down to the answers to answers.

use proptest::prelude::*;
use tent_flow::Seed;
use tent_flow::script::{Answer, Clock, Script, Seen, run};
use tent_proto::call::GetPost;
use tent_proto::mac::{Algorithm, Credentials};
use tent_proto::{CallError, Post, Session, Thread};

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
    let answered = answers
        .iter()
        .map(|(who, id)| format!(r#",{{"entity":"https://{who}.example","post":"{id}"}}"#));
    let answered: String = answered.collect();
    let dora = r#"{"entity":"https://dora.example"}"#;
    format!(r#"{{"entity":"https://{who}.example","id":"{id}","mentions":[{dora}{answered}]}}"#)
}

/// All that answers a post: only a link to what is newer.
fn list(posts: &[String]) -> Answer {
    let answer = Answer::json(format!("[{}]", posts.join(",")));
    answer.header("link", "</posts?since_id=z>; rel=\"prev\"")
}

fn on(script: Script, path: &str, answer: Answer) -> Script {
    script.on("GET", &format!("{ROOT}/posts{path}"), answer)
}

fn ids<'a>(posts: impl IntoIterator<Item = &'a Post>) -> Vec<&'a str> {
    let posts = posts.into_iter();
    posts
        .map(|post| post.id.as_ref().unwrap().as_str())
        .collect()
}

fn answers(thread: &Thread) -> Vec<(usize, &str)> {
    let depths = thread.answers.iter().map(|answer| answer.depth);
    depths
        .zip(ids(thread.answers.iter().map(|answer| &answer.post)))
        .collect()
}

fn missing(thread: &Thread) -> Vec<&str> {
    thread
        .missing
        .iter()
        .map(|missing| missing.id.as_str())
        .collect()
}

fn answers_to(who: &str, id: &str) -> String {
    let who = format!("https%3A%2F%2F{who}.example");
    format!("?mentioned_entity={who}&mentioned_post={id}&limit=200")
}

/// The first post that is asked for, and nothing that answers it.
fn alone(answers: &[(&str, &str)]) -> Script {
    let c = Answer::json(post("alice", "c", answers));
    on(Script::new(), "/c", c)
}

fn nothing_answers_c(script: Script) -> Script {
    on(script, &answers_to("alice", "c"), Answer::json("[]"))
}

#[test]
fn a_thread_goes_up_to_the_beginning_and_down_to_the_answers() {
    let script = alone(&[("bob", "b"), ("bob", "x")]);
    let b = Answer::json(post("bob", "b", &[("alice", "a")]));
    let script = on(script, &format!("/{BOB}/b"), b);
    let script = on(script, "/a", Answer::json(post("alice", "a", &[])));
    let to_c = [("alice", "c")];
    let newest_first = [
        post("bob", "e", &to_c),
        post("bob", "other", &[("alice", "x")]),
        post("bob", "d", &to_c),
    ];
    let script = on(script, &answers_to("alice", "c"), list(&newest_first));
    let to_d = [post("alice", "d2", &[("bob", "d"), ("alice", "c")])];
    let script = on(script, &answers_to("bob", "d"), list(&to_d));
    let script = on(script, &answers_to("alice", "d2"), Answer::json("[]"));
    let mut script = on(script, &answers_to("bob", "e"), Answer::json("[]"));
    let thread = script.run(session().thread(GetPost::new("c"))).unwrap();
    assert_eq!(ids(&thread.answered), ["a", "b"]);
    assert_eq!(ids([&thread.post]), ["c"]);
    assert_eq!(answers(&thread), [(1, "d"), (2, "d2"), (1, "e")]);
    assert!(thread.missing.is_empty() && !thread.is_cut);
    script.finish();
}

#[test]
fn what_is_not_to_be_had_is_told_and_the_next_that_is_mentioned_is_taken() {
    let odd_id = ("bob", "..");
    let script = alone(&[
        ("bob", "b"),
        odd_id,
        ("bob", "broken"),
        ("bob", "bad"),
        ("bob", "a"),
    ]);
    let script = on(script, &format!("/{BOB}/b"), Answer::status(404));
    let script = on(script, &format!("/{BOB}/broken"), Answer::json("{"));
    let bad = Answer::status(501);
    let script = on(script, &format!("/{BOB}/bad"), bad);
    let a = Answer::json(post("bob", "a", &[("bob", "b")]));
    let script = on(script, &format!("/{BOB}/a"), a);
    let mut script = nothing_answers_c(script);
    let thread = script.run(session().thread(GetPost::new("c"))).unwrap();
    assert_eq!(ids(&thread.answered), ["a"]);
    assert_eq!(missing(&thread), ["b", "..", "broken", "bad"]);
    let first = &thread.missing[0];
    assert_eq!(first.entity.as_str(), "https://bob.example");
    assert_eq!(first.error.status().unwrap(), 404);
    script.finish();
}

#[test]
fn posts_that_answer_each_other_end_the_thread() {
    let b = || Answer::json(post("bob", "b", &[("alice", "c")]));
    let script = on(alone(&[("bob", "b")]), &format!("/{BOB}/b"), b());
    // b is above already, and c is answered by itself.
    let again = [
        post("bob", "b", &[("alice", "c")]),
        post("alice", "c", &[("alice", "c")]),
    ];
    let mut script = on(script, &answers_to("alice", "c"), list(&again));
    let thread = script.run(session().thread(GetPost::new("c"))).unwrap();
    assert_eq!(
        (ids(&thread.answered), answers(&thread)),
        (vec!["b"], vec![])
    );
    script.finish();
}

#[test]
fn an_entity_may_be_spelled_in_two_ways() {
    let with_slash =
        post("alice", "c", &[]).replace("https://dora.example", "https://bob.example/");
    let with_slash = with_slash.replace("}]", r#","post":"b"}]"#);
    let script = on(Script::new(), "/c", Answer::json(with_slash));
    // It answers itself and, in the other spelling, c.
    let b = post("bob", "b", &[("bob", "b"), ("alice", "c")]);
    let b = Answer::json(b.replace("//alice.example", "//alice.example/"));
    let script = on(script, "/https%3A%2F%2Fbob.example%2F/b", b);
    let c = Answer::json(post("alice", "c", &[]));
    let script = on(script, "/c", c);
    let answer = post("bob", "d", &[]).replace("https://dora.example", "https://alice.example/");
    let answer = answer.replace("}]", r#","post":"c"}]"#);
    let script = on(script, &answers_to("alice", "c"), list(&[answer]));
    let mut script = on(script, &answers_to("bob", "d"), Answer::json("[]"));
    let thread = script.run(session().thread(GetPost::new("c"))).unwrap();
    assert_eq!(
        (ids(&thread.answered), answers(&thread)),
        (vec!["b"], vec![(1, "d")])
    );
    script.finish();
}

#[test]
fn own_posts_may_come_without_their_entity() {
    let script = on(Script::new(), "/c", Answer::json(r#"{"id":"c"}"#));
    let d = r#"{"id":"d","mentions":[{"entity":"https://alice.example","post":"c"}]}"#;
    let script = on(script, &answers_to("alice", "c"), list(&[d.to_owned()]));
    let mut script = on(script, &answers_to("alice", "d"), Answer::json("[]"));
    let thread = script.run(session().thread(GetPost::new("c"))).unwrap();
    assert_eq!(answers(&thread), [(1, "d")]);
    script.finish();
}

#[test]
fn a_thread_is_no_bigger_than_asked_for_and_says_so() {
    let to_c = |id| post("bob", id, &[("alice", "c")]);
    let three = || list(&[to_c("3"), to_c("2"), to_c("1")]);
    let script = on(alone(&[]), &answers_to("alice", "c"), three());
    let script = on(script, &answers_to("bob", "1"), Answer::json("[]"));
    let mut script = on(script, &answers_to("bob", "2"), Answer::json("[]"));
    let two = session().thread(GetPost::new("c")).at_most(2);
    let thread = script.run(two).unwrap();
    assert_eq!(
        (answers(&thread), thread.is_cut),
        (vec![(1, "1"), (1, "2")], true)
    );
    script.finish();

    let mut script = on(alone(&[]), &answers_to("alice", "c"), list(&[to_c("1")]));
    let one_step = session().thread(GetPost::new("c")).at_deepest(1);
    let thread = script.run(one_step).unwrap();
    assert_eq!((answers(&thread), thread.is_cut), (vec![(1, "1")], true));
    script.finish();

    let script = on(
        alone(&[("bob", "b")]),
        &format!("/{BOB}/b"),
        Answer::status(404),
    );
    let script = nothing_answers_c(script);
    let script = on(
        script,
        "/c",
        Answer::json(post("alice", "c", &[("bob", "b"), ("bob", "a")])),
    );
    let script = on(script, &format!("/{BOB}/b"), Answer::status(404));
    let mut script = nothing_answers_c(script);
    for is_cut in [false, true] {
        let one = session().thread(GetPost::new("c")).at_most(1);
        let thread = script.run(one).unwrap();
        assert_eq!((missing(&thread), thread.is_cut), (vec!["b"], is_cut));
    }
    script.finish();
}

#[test]
fn a_post_that_is_not_there_or_a_server_that_fails_is_an_error() {
    let mut script = on(Script::new(), "/c", Answer::status(404));
    let error = script.run(session().thread(GetPost::new("c"))).unwrap_err();
    assert_eq!(error.status().unwrap(), 404);
    let dead = r#"{"error":"Invalid MAC Key ID"}"#;
    let dead = Answer::status(401).body(dead);
    let mut script = on(alone(&[("bob", "b")]), &format!("/{BOB}/b"), dead);
    let error = script.run(session().thread(GetPost::new("c"))).unwrap_err();
    assert!(error.is_dead_credential(), "{error:?}");
    let mut script = on(alone(&[]), &answers_to("alice", "c"), Answer::status(403));
    let error = script.run(session().thread(GetPost::new("c"))).unwrap_err();
    assert_eq!(error.status().unwrap(), 403);
}

#[test]
fn a_server_that_does_not_answer_is_an_error() {
    let thread = session().thread(GetPost::new("c"));
    let c = post("alice", "c", &[("bob", "b")]);
    let outcome = run(thread, &mut Clock::at_epoch_seconds(0), |seen| {
        match seen.url.path().strip_prefix("/posts") {
            Some("/c") => Answer::json(c.as_str()),
            Some("") => Answer::json("[]"),
            _ => Answer::times_out(),
        }
    });
    let error = outcome.unwrap_err();
    assert!(matches!(error, CallError::NoAnswer { .. }), "{error:?}");
}

/// Posts 0 to `len`, all of Bob, of which each answers those that are given; answers as a server that
/// knows them all.
fn serve(answers: &[Vec<usize>], seen: &Seen) -> Answer {
    let json = |number: usize| {
        let names: Vec<_> = answers[number].iter().map(ToString::to_string).collect();
        let names: Vec<_> = names.iter().map(|name| ("bob", name.as_str())).collect();
        post("bob", &number.to_string(), &names)
    };
    let query = |name| {
        let mut pairs = seen.url.query_pairs();
        pairs
            .find(|(other, _)| other == name)
            .map(|(_, value)| value.parse::<usize>().unwrap())
    };
    if let Some(to) = query("mentioned_post") {
        let before = query("before_id").unwrap_or(answers.len());
        let mut found: Vec<_> = (0..before)
            .filter(|one| answers[*one].contains(&to))
            .collect();
        found.reverse();
        // As v0.1, without links.
        let found: Vec<_> = found.into_iter().map(json).collect();
        return Answer::json(format!("[{}]", found.join(",")));
    }
    let number = seen.url.path_segments().unwrap().next_back().unwrap();
    let number: usize = number.parse().unwrap();
    if number < answers.len() {
        Answer::json(json(number))
    } else {
        Answer::status(404)
    }
}

proptest! {
    #[test]
    fn whatever_answers_what_every_post_comes_once(
        answers in proptest::collection::vec(proptest::collection::vec(0..9_usize, 0..3), 1..8),
        most in 0..12_usize,
    ) {
        let bob = "https://bob.example".parse().unwrap();
        let flow = session().thread(GetPost::new("0").of(bob)).at_most(most);
        let mut requests = 0;
        let thread = run(flow, &mut Clock::at_epoch_seconds(0), |seen| {
            requests += 1;
            serve(&answers, seen)
        });
        let thread = thread.unwrap();
        let all = thread.answered.iter().chain([&thread.post]);
        let mut all = ids(all.chain(thread.answers.iter().map(|answer| &answer.post)));
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        prop_assert_eq!(all.len(), count);
        prop_assert!(thread.answered.len() <= most && thread.answers.len() <= most);
        let mut depth = 0;
        for answer in &thread.answers {
            prop_assert!(answer.depth >= 1 && answer.depth <= depth + 1);
            depth = answer.depth;
        }
        if !thread.is_cut {
            // What leads here by answers is all there, but for what leads to a post above: in a circle
            // that is not followed.
            let above = ids(&thread.answered);
            let mut below = vec![0];
            while let Some(more) = (0..answers.len()).find(|one| {
                !below.contains(one)
                    && !above.contains(&one.to_string().as_str())
                    && answers[*one].iter().any(|to| below.contains(to))
            }) {
                below.push(more);
            }
            for number in below {
                prop_assert!(all.contains(&number.to_string().as_str()), "{} {:?}", number, thread);
            }
        }
        prop_assert!(requests <= 1 + most + 4 * (most + 1), "{}", requests);
    }
}
