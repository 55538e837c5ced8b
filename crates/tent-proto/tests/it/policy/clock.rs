//! Clocks that differ.

use std::time::{Duration, UNIX_EPOCH};

use tent_flow::script::{Answer, Clock, run};
use tent_proto::{CallError, Policy, Post};

use super::{session, signature, success, two_servers};

/// A date of HTTP so many seconds after the beginning of 2013, within a day.
fn date(seconds: u64) -> String {
    let (hour, minute) = (seconds / 3600, seconds / 60 % 60);
    format!(
        "Tue, 01 Jan 2013 {hour:02}:{minute:02}:{:02} GMT",
        seconds % 60
    )
}

#[test]
fn a_server_with_another_clock_is_signed_for_by_its_clock_from_then_on() {
    // Ours is ten hours slow, and then ten hours fast.
    for ours in [1_356_998_400, 1_357_070_400] {
        let session = session();
        let mut clock = Clock::at_epoch_seconds(ours);
        let mut stamps = Vec::new();
        for _ in 0..2 {
            let flow = session.create_post(&Post::status("Hello"));
            run(flow, &mut clock, |asked| {
                stamps.push(signature(asked));
                let theirs = 1_357_034_400;
                if signature(asked).0.abs_diff(theirs) < 600 {
                    return success(asked);
                }
                Answer::status(401)
                    .header("date", &date(36_000))
                    .body(r#"{"error":"Stale MAC Timestamp"}"#)
            })
            .unwrap();
        }
        let times: Vec<_> = stamps.iter().map(|stamp| stamp.0).collect();
        assert_eq!(times, [ours, 1_357_034_400, 1_357_034_400]);
        assert_ne!(stamps[0].1, stamps[1].1);
        assert_ne!(stamps[1].1, stamps[2].1);
    }
}

#[test]
fn each_server_has_a_clock_of_its_own() {
    let session = two_servers().with_policy(Policy::off().failover(true));
    let mut clock = Clock::at_epoch_seconds(1_356_998_400);
    let mut stamps = Vec::new();
    for round in 0..2 {
        let flow = session.list_posts(Default::default());
        run(flow, &mut clock, |asked| {
            let (time, _) = signature(asked);
            stamps.push((
                asked.url.host_str().unwrap().to_owned(),
                time - 1_356_998_400,
            ));
            match asked.url.host_str() {
                Some("a.example") if time < 1_357_034_400 => Answer::status(401)
                    .header("date", &date(36_000))
                    .header("www-authenticate", r#"MAC error="stale timestamp""#),
                Some("a.example") if round == 1 => Answer::refuses_connection(),
                _ => success(asked),
            }
        })
        .unwrap();
    }
    let stamps: Vec<_> = stamps.iter().map(|(host, time)| (&**host, *time)).collect();
    let expected = [
        ("a.example", 0),
        ("a.example", 36_000),
        ("a.example", 36_000),
        ("b.example", 0),
    ];
    assert_eq!(stamps, expected);
}

#[test]
fn a_clock_that_agrees_is_not_the_reason() {
    for (ahead, expected) in [(1, 1), (2, 2)] {
        let mut clock = Clock::at_epoch_seconds(1_356_998_400);
        let mut requests = 0;
        let result = run(session().list_posts(Default::default()), &mut clock, |_| {
            requests += 1;
            Answer::status(401)
                .header("date", &date(ahead))
                .body(r#"{"error":"Stale MAC Timestamp"}"#)
        });
        assert_eq!(result.unwrap_err().status().unwrap(), 401);
        assert_eq!(requests, expected, "{ahead} s");
    }
}

#[test]
fn the_time_of_a_signature_is_that_after_the_wait() {
    let mut clock = Clock::at_epoch_seconds(1_356_998_400);
    let mut times = Vec::new();
    let flow = session().create_post(&Post::status("Hello"));
    let result: Result<_, CallError> = run(flow, &mut clock, |asked| {
        times.push(signature(asked).0);
        if times.len() == 1 {
            return Answer::status(429).header("retry-after", "77");
        }
        success(asked)
    });
    result.unwrap();
    assert_eq!(times, [1_356_998_400, 1_356_998_477]);
    let wall = clock.now().wall.duration_since(UNIX_EPOCH).unwrap();
    assert_eq!(wall, Duration::from_secs(1_356_998_477));
}

#[test]
fn a_clock_that_jumps_is_followed_once() {
    let mut clock = Clock::at_epoch_seconds(1_356_998_400);
    let mut requests = 0;
    let result = run(session().list_posts(Default::default()), &mut clock, |_| {
        requests += 1;
        assert!(requests < 10, "it follows for ever");
        Answer::status(401)
            .header("date", &date(3600 * requests))
            .body(r#"{"error":"Stale MAC Timestamp"}"#)
    });
    assert_eq!(result.unwrap_err().status().unwrap(), 401);
    assert_eq!(requests, 2);
}

#[test]
fn a_clock_that_differs_changes_no_signature_while_the_server_takes_ours() {
    let session = session();
    let mut clock = Clock::at_epoch_seconds(1_356_998_400);
    for _ in 0..2 {
        let list = session.list_posts(Default::default());
        run(list, &mut clock, |asked| {
            assert_eq!(signature(asked).0, 1_356_998_400);
            success(asked).header("date", &date(7 * 3600))
        })
        .unwrap();
    }
}
