//! Looking for a post when no answer tells whether it was published.

use tent_flow::script::{Answer, Clock, Script, run};
use tent_proto::{CallError, Entity, FindPost, Post, Timestamp, TypeUri};

use super::{A, reset, session};

const SENT: u64 = 1_356_998_400;

fn post() -> Post {
    let bob: Entity = "https://bob.example".parse().unwrap();
    Post::status("Hello \u{1f30a}").mentioning(&bob)
}

/// The post as a server shows it.
fn shown(id: &str, change: impl FnOnce(&mut Post)) -> Post {
    let mut post = post();
    post.id = Some(id.into());
    post.entity = Some("https://alice.example".parse().unwrap());
    post.published_at = Some(Timestamp::from_epoch_seconds(1_356_998_401));
    change(&mut post);
    post
}

fn page(posts: &[Post]) -> Answer {
    Answer::json(serde_json::to_vec(posts).unwrap())
}

/// The flow that an unknown outcome carries.
fn search(post: &Post) -> FindPost {
    let mut script = Script::new().on("POST", A, reset());
    match script.run(session().create_post(post)).unwrap_err() {
        CallError::OutcomeUnknown { search, .. } => *search.unwrap(),
        other => panic!("{other:?}"),
    }
}

/// What the flow finds when the server shows these posts.
fn found(post: &Post, posts: &[Post]) -> Option<String> {
    let mut clock = Clock::at_epoch_seconds(SENT);
    let mut asked = 0;
    let found = run(search(post), &mut clock, |seen| {
        asked += 1;
        assert_eq!(seen.method, "GET");
        let pair = |name: &str| {
            let mut pairs = seen.url.query_pairs();
            pairs
                .find(|(other, _)| other == name)
                .map(|(_, value)| value.into_owned())
        };
        assert_eq!(pair("entity").unwrap(), "https://alice.example");
        assert_eq!(
            pair("post_types").unwrap(),
            "https://tent.io/types/post/status/v0.1.0"
        );
        if asked == 1 {
            assert_eq!(pair("since_time").unwrap(), (SENT - 60).to_string());
            page(posts)
        } else {
            page(&[])
        }
    });
    found
        .unwrap()
        .map(|post| post.id.unwrap().as_str().to_owned())
}

#[test]
fn a_post_that_arrived_is_found_among_others() {
    let others = [
        shown("text", |post| post.content = Post::status("Hello").content),
        shown("mention", |post| post.mentions.clear()),
        shown("type", |post| post.post_type = Some(TypeUri::essay())),
        shown("file", |post| post.attachments.push(Default::default())),
    ];
    assert_eq!(found(&post(), &others), None);
    let mut all = others.to_vec();
    all.insert(2, shown("it", |_| ()));
    assert_eq!(found(&post(), &all).unwrap(), "it");
}

#[test]
fn content_is_compared_as_json_and_a_time_that_was_given_counts() {
    let spaced = shown("it", |post| {
        let json = r#"{ "text" : "Hello \ud83c\udf0a" }"#;
        post.content = Some(serde_json::from_str(json).unwrap());
    });
    assert_eq!(found(&post(), &[spaced]).unwrap(), "it");
    let dated = post().published_at(Timestamp::from_epoch_seconds(1_300_000_000));
    assert_eq!(found(&dated, &[shown("now", |_| ())]), None);
    let then = shown("then", |post| post.published_at = dated.published_at);
    assert_eq!(found(&dated, &[then]).unwrap(), "then");
}

#[test]
fn a_post_that_arrives_late_is_found_later() {
    assert_eq!(found(&post(), &[]), None);
    assert_eq!(found(&post(), &[shown("late", |_| ())]).unwrap(), "late");
}

#[test]
fn an_error_of_the_search_is_told() {
    let mut clock = Clock::at_epoch_seconds(SENT);
    let result = run(search(&post()), &mut clock, |_| Answer::status(403));
    assert_eq!(result.unwrap_err().status().unwrap(), 403);
}

/// Ours is an hour fast, which nothing but the server's `Date` tells.
#[test]
fn the_search_goes_by_the_servers_clock() {
    let session = session();
    let date = "Tue, 01 Jan 2013 00:00:00 GMT";
    let mut clock = Clock::at_epoch_seconds(SENT + 3600);
    let list = session.list_posts(Default::default());
    run(list, &mut clock, |_| {
        Answer::json("[]").header("date", date)
    })
    .unwrap();
    let lost = run(session.create_post(&post()), &mut clock, |_| reset()).unwrap_err();
    let CallError::OutcomeUnknown {
        search: Some(search),
        ..
    } = lost
    else {
        panic!("{lost:?}");
    };
    let found = run(*search, &mut clock, |seen| {
        let since = format!("since_time={}", SENT - 60);
        assert!(seen.url.query().unwrap().contains(&since), "{}", seen.url);
        page(&[shown("it", |_| ())])
    });
    assert!(found.unwrap().is_some());
}
