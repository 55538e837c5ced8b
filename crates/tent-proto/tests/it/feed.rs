//! Feeds: when they ask, what they ask, and when they end.

use std::collections::BTreeMap;
use std::time::Duration;

use tent_flow::policy::RateLimit;
use tent_flow::script::{Answer, Clock, Seen, run};
use tent_flow::{Effect, Flow as _, Input, Seed, Series as _, Step};
use tent_proto::call::ListPosts;
use tent_proto::mac::{Algorithm, Credentials};
use tent_proto::{CallError, Feed, Policy, Session};

const START: u64 = 1_356_998_400;
const SECOND: Duration = Duration::from_secs(1);

fn session() -> Session {
    let credentials = Credentials::new("u:1", "k", Algorithm::HmacSha256).unwrap();
    let servers = vec!["https://a.example".parse().unwrap()];
    let entity = "https://alice.example".parse().unwrap();
    Session::new(entity, servers, credentials, Seed::new([7; 32])).with_policy(Policy::off())
}

/// Goes on with a feed once.
fn go_on(
    feed: &mut Feed<ListPosts>,
    clock: &mut Clock,
    peer: impl FnMut(&Seen) -> Answer,
) -> Result<Vec<String>, CallError> {
    let polled = run(feed.next().unwrap(), clock, peer);
    let arrivals = feed.take(polled)?;
    let ids = arrivals.iter().map(|arrival| arrival.item.id.as_ref());
    Ok(ids.map(|id| id.unwrap().to_string()).collect())
}

fn posts(ids: &[(&str, u64)]) -> Answer {
    let post = |(id, time): &(&str, u64)| format!(r#"{{"id":"{id}","received_at":{time}}}"#);
    let posts: Vec<_> = ids.iter().map(post).collect();
    Answer::json(format!("[{}]", posts.join(",")))
}

#[test]
fn it_begins_with_as_many_as_were_asked_for() {
    for (latest, expected) in [(0, vec![]), (2, vec!["b", "c"]), (9, vec!["a", "b", "c"])] {
        let mut feed = session().feed(ListPosts::new()).latest(latest);
        let mut clock = Clock::at_epoch_seconds(START);
        let there = [("c", START), ("b", START), ("a", START)];
        let first = go_on(&mut feed, &mut clock, |_| posts(&there));
        assert_eq!(first.unwrap(), expected);
        // On a server to which those of one second are newer than each other.
        let next = go_on(&mut feed, &mut clock, |_| {
            posts(&[("d", START + 1), there[0], there[1]])
        });
        assert_eq!(next.unwrap(), ["d"]);
    }
}

#[test]
fn pauses_grow_while_it_is_quiet_and_an_unchanged_page_costs_one_request() {
    let mut feed = session().feed(ListPosts::new()).every(SECOND, 4 * SECOND);
    let mut clock = Clock::at_epoch_seconds(START);
    let there = || posts(&[("a", START)]).header("etag", "\"1\"");
    go_on(&mut feed, &mut clock, |_| there()).unwrap();
    let new = go_on(&mut feed, &mut clock, |asked| {
        assert_eq!(asked.header("if-none-match"), "");
        posts(&[("b", START)]).header("etag", "\"2\"")
    });
    assert_eq!(new.unwrap(), ["b"]);
    go_on(&mut feed, &mut clock, |_| posts(&[])).unwrap(); // the end of the list
    let mut asked_since = Vec::new();
    for _ in 0..6 {
        let quiet = go_on(&mut feed, &mut clock, |asked| {
            let since = asked.url.query_pairs().find(|(name, _)| name == "since_id");
            let since = since.unwrap().1.into_owned();
            let is_known = asked.header("if-none-match") == "\"2\"";
            assert_eq!(is_known, since == "a");
            asked_since.push(since);
            match is_known {
                true => Answer::status(304),
                false => posts(&[]),
            }
        });
        assert!(quiet.unwrap().is_empty());
    }
    // What is older than ten seconds is not read again.
    assert_eq!(asked_since, ["a", "a", "a", "a", "a", "b"]);
    let waits: Vec<_> = clock.waits().iter().map(Duration::as_secs_f32).collect();
    assert_eq!(waits, [1.0, 1.0, 1.5, 2.25, 3.375, 4.0, 4.0]);
}

#[test]
fn what_may_pass_does_not_end_it_and_anything_else_does() {
    let mut feed = session().feed(ListPosts::new()).every(SECOND, 60 * SECOND);
    let mut clock = Clock::at_epoch_seconds(START);
    go_on(&mut feed, &mut clock, |_| posts(&[("a", START)])).unwrap();
    for answer in [
        Answer::refuses_connection as fn() -> Answer,
        Answer::times_out,
        || Answer::status(503),
        || Answer::status(429),
    ] {
        let error = go_on(&mut feed, &mut clock, |_| answer()).unwrap_err();
        assert!(error.may_pass(), "{error:?}");
    }
    let waits: Vec<_> = clock.waits().iter().map(Duration::as_secs).collect();
    assert_eq!(waits, [1, 2, 4, 8]);
    let new = go_on(&mut feed, &mut clock, |_| posts(&[("b", START)]));
    assert_eq!(new.unwrap(), ["b"]);
    let dead = || Answer::status(401).body(r#"{"error":"Invalid MAC Key ID"}"#);
    let error = go_on(&mut feed, &mut clock, |_| dead()).unwrap_err();
    assert!(error.is_dead_credential() && !error.may_pass());
    assert!(feed.next().is_none());
}

/// 40 feeds that would ask every second, where 300 requests are allowed in 300 seconds.
#[test]
fn any_number_of_feeds_keeps_to_one_limit() {
    let policy = Policy::off()
        .rate_limit(RateLimit::Pace(1.0))
        .longest_wait(3600 * SECOND);
    let session = session().with_policy(policy);
    let feed = || session.feed(ListPosts::new()).every(SECOND, SECOND);
    let mut feeds: Vec<_> = (0..40).map(|_| feed()).collect();
    let mut polls: Vec<_> = feeds.iter_mut().map(|feed| feed.next().unwrap()).collect();
    let mut clock = Clock::at_epoch_seconds(START);
    let began = clock.now().mono;
    // When each goes on, in milliseconds, and with what.
    let mut due: BTreeMap<(u128, usize), Input> =
        (0..40).map(|index| ((0, index), Input::Ready)).collect();
    let (mut used, mut window, mut most) = (0_u64, 0, 0);
    let mut counts = vec![0_u32; feeds.len()];
    loop {
        let ((time, index), input) = due.pop_first().unwrap();
        if time >= 3_600_000 {
            break;
        }
        let elapsed = clock.now().mono - began;
        clock.advance(Duration::from_millis(time as u64).saturating_sub(elapsed));
        if time / 300_000 != window {
            (used, window) = (0, time / 300_000);
        }
        match polls[index].step(clock.now(), input) {
            Step::Do(Effect::Wait(wait)) => {
                due.insert((time + wait.as_millis() + 1, index), Input::Ready);
            }
            Step::Do(Effect::Send(..)) => {
                (used, counts[index]) = (used + 1, counts[index] + 1);
                most = most.max(used);
                let reset = START + (window as u64 + 1) * 300;
                let answer = http::Response::builder()
                    .header("x-ratelimit-limit", 300)
                    .header("x-ratelimit-remaining", 300_u64.saturating_sub(used))
                    .header("x-ratelimit-reset", reset);
                let answer = answer.body(bytes::Bytes::from_static(b"[]")).unwrap();
                due.insert((time, index), Input::Response(answer));
            }
            Step::Do(_) => unreachable!(),
            Step::Done(polled) => {
                feeds[index].take(polled).unwrap();
                polls[index] = feeds[index].next().unwrap();
                due.insert((time, index), Input::Ready);
            }
        }
    }
    assert!(most <= 300, "{most} in one window");
    let all: u32 = counts.iter().sum();
    assert!(all > 12 * 300 * 9 / 10, "{all} in an hour");
    let least = counts.iter().min().unwrap();
    assert!(*least > all / 80, "{counts:?}");
}
