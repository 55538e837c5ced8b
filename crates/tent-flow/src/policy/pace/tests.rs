//! Limits, one request at a time.

use http::{HeaderName, HeaderValue};
use proptest::prelude::*;

use super::*;

const NOW: u64 = 1_356_998_400;
const SECOND: Duration = Duration::from_secs(1);

fn now() -> Moment {
    Moment::at_epoch_seconds(NOW)
}

fn headers(fields: &[(&'static str, &str)]) -> HeaderMap {
    let fields = fields.iter().map(|(name, value)| {
        let value = HeaderValue::from_str(value).unwrap();
        (HeaderName::from_static(name), value)
    });
    fields.collect()
}

/// Makes a request that is answered at once.
fn request(
    limiter: &Limiter,
    now: Moment,
    status: u16,
    fields: &[(&'static str, &str)],
) -> Option<Duration> {
    let mut turn = limiter.turn();
    turn.ask(now, RateLimit::Throw).unwrap();
    turn.answered(now, StatusCode::from_u16(status).unwrap(), &headers(fields))
}

fn ask(limiter: &Limiter, now: Moment, rule: RateLimit) -> Result<(), Duration> {
    limiter.turn().ask(now, rule)
}

#[test]
fn nothing_said_is_no_limit() {
    let limiter = Limiter::default();
    for _ in 0..100 {
        assert_eq!(request(&limiter, now(), 200, &[]), None);
        assert_eq!(ask(&limiter, now(), RateLimit::pace()), Ok(()));
    }
    assert_eq!(limiter.limits(), Limits::default());
}

#[test]
fn a_limit_that_is_used_up_is_waited_for_unless_told_otherwise() {
    let limiter = Limiter::default();
    request(
        &limiter,
        now(),
        200,
        &[
            ("ratelimit", "\"x\";r=0;t=60"),
            ("ratelimit-policy", "\"x\";q=9;w=90"),
        ],
    );
    assert_eq!(ask(&limiter, now(), RateLimit::Throw), Ok(()));
    for rule in [RateLimit::Wait, RateLimit::pace()] {
        assert_eq!(ask(&limiter, now(), rule), Err(60 * SECOND));
        assert_eq!(ask(&limiter, now().after(59 * SECOND), rule), Err(SECOND));
    }
    let limits = limiter.limits();
    assert_eq!((limits.limit, limits.window), (Some(9), Some(90 * SECOND)));
    assert_eq!(limits.reset, Some(now().after(60 * SECOND)));
    let later = now().after(60 * SECOND);
    assert_eq!(ask(&limiter, later, RateLimit::Wait), Ok(()));
    assert_eq!(limiter.limits().reset, Some(later.after(90 * SECOND)));
}

/// What Mastodon.py 2.3 raises an error for.
#[test]
fn a_reset_in_the_past_means_go() {
    let limiter = Limiter::default();
    let past = [
        ("x-ratelimit-remaining", "0"),
        ("x-ratelimit-reset", "1356998399"),
    ];
    for status in [200, 429] {
        assert_eq!(request(&limiter, now(), status, &past), None);
        for rule in [RateLimit::Wait, RateLimit::pace()] {
            assert_eq!(ask(&limiter, now(), rule), Ok(()));
        }
    }
}

#[test]
fn too_many_requests_says_how_long_in_one_of_several_ways() {
    let reset = ("x-ratelimit-reset", "1356998430");
    for (fields, wait) in [
        (&[][..], None),
        (&[("retry-after", "7")], Some(7)),
        (&[("retry-after", "0")], None),
        (&[("retry-after", "Tue, 01 Jan 2013 00:00:09 GMT")], Some(9)),
        (&[reset], Some(30)),
        (&[reset, ("retry-after", "40")], Some(40)),
        (&[reset, ("retry-after", "x")], Some(30)),
        (
            &[("retry-after", "7"), ("x-ratelimit-remaining", "5")],
            Some(7),
        ),
    ] {
        let limiter = Limiter::default();
        let wait = wait.map(Duration::from_secs);
        assert_eq!(request(&limiter, now(), 429, fields), wait, "{fields:?}");
        let next = ask(&limiter, now(), RateLimit::Wait);
        assert_eq!(next, wait.map_or(Ok(()), Err), "{fields:?}");
        assert_eq!(ask(&limiter, now(), RateLimit::Throw), Ok(()));
    }
    assert_eq!(
        request(&Limiter::default(), now(), 503, &[("retry-after", "7")]),
        None
    );
}

#[test]
fn the_longest_wait_that_was_asked_for_counts() {
    let limiter = Limiter::default();
    for wait in ["40", "7"] {
        request(&limiter, now(), 429, &[("retry-after", wait)]);
    }
    assert_eq!(ask(&limiter, now(), RateLimit::Wait), Err(40 * SECOND));
}

#[test]
fn a_window_is_as_long_as_the_most_that_was_ever_left_of_one() {
    let limiter = Limiter::default();
    request(&limiter, now(), 200, &[("ratelimit", "\"x\";r=5;t=60")]);
    let later = now().after(100 * SECOND);
    request(&limiter, later, 200, &[("ratelimit", "\"x\";r=5;t=20")]);
    assert_eq!(limiter.limits().window, Some(60 * SECOND));
}

#[test]
fn a_new_window_does_not_wait_for_a_time_that_was_reckoned_in_the_last_one() {
    let limiter = Limiter::default();
    let fields = [
        ("ratelimit", "\"x\";r=1;t=10"),
        ("ratelimit-policy", "\"x\";q=2;w=10"),
    ];
    request(&limiter, now(), 200, &fields);
    // Half as fast as evenly, so that the next time lies beyond the end.
    let rule = RateLimit::Pace(0.5);
    assert_eq!(ask(&limiter, now(), rule), Ok(()));
    assert_eq!(ask(&limiter, now().after(10 * SECOND), rule), Ok(()));
}

#[test]
fn pace_spreads_what_is_left_by_its_factor() {
    let fields = [
        ("x-ratelimit-remaining", "10"),
        ("x-ratelimit-reset", "100"),
    ];
    for (factor, gap) in [
        (1.0, 10.0),
        (2.0, 5.0),
        (0.5, 20.0),
        (-1.0, 10.0),
        (f64::NAN, 10.0),
    ] {
        let limiter = Limiter::default();
        request(&limiter, now(), 200, &fields);
        let mut turns: Vec<_> = (0..4).map(|_| limiter.turn()).collect();
        let waits = turns
            .iter_mut()
            .map(|turn| turn.ask(now(), RateLimit::Pace(factor)));
        let waits: Vec<_> = waits
            .map(|wait| wait.err().map_or(0.0, |wait| wait.as_secs_f64()))
            .collect();
        // The first is under way, and each that is booked leaves as much for the rest.
        assert_eq!((waits[0], waits[1]), (0.0, gap), "{factor}");
        if factor == 1.0 {
            assert_eq!(waits, [0.0, 10.0, 20.0, 30.0]);
        }
    }
}

#[test]
fn a_booked_time_holds_and_what_was_learned_meanwhile_counts() {
    let fields = [
        ("x-ratelimit-remaining", "10"),
        ("x-ratelimit-reset", "1356998500"),
    ];
    let limiter = Limiter::default();
    request(&limiter, now(), 200, &fields);
    let mut under_way = limiter.turn();
    under_way.ask(now(), RateLimit::Pace(1.0)).unwrap();
    let mut turn = limiter.turn();
    assert_eq!(turn.ask(now(), RateLimit::Pace(1.0)), Err(10 * SECOND));
    // Woken early, it keeps its time.
    let early = now().after(4 * SECOND);
    assert_eq!(turn.ask(early, RateLimit::Pace(1.0)), Err(6 * SECOND));
    let later = now().after(10 * SECOND);
    let used_up = [
        ("x-ratelimit-remaining", "0"),
        ("x-ratelimit-reset", "1356998500"),
    ];
    under_way.answered(later, StatusCode::OK, &headers(&used_up));
    assert_eq!(turn.ask(later, RateLimit::Pace(1.0)), Err(90 * SECOND));
    assert_eq!(
        turn.ask(now().after(100 * SECOND), RateLimit::Pace(1.0)),
        Ok(())
    );
}

#[test]
fn a_turn_that_is_dropped_gives_its_time_back() {
    let fields = [
        ("x-ratelimit-remaining", "10"),
        ("x-ratelimit-reset", "100"),
    ];
    let limiter = Limiter::default();
    request(&limiter, now(), 200, &fields);
    let mut under_way = limiter.turn();
    under_way.ask(now(), RateLimit::Pace(1.0)).unwrap();
    for _ in 0..50 {
        let mut dropped = limiter.turn();
        assert_eq!(dropped.ask(now(), RateLimit::Pace(1.0)), Err(10 * SECOND));
    }
    // Sent and never answered counts; never sent does not.
    drop(under_way);
    assert_eq!(limiter.limits().remaining, Some(9));
    let mut unsent = limiter.turn();
    unsent.ask(now(), RateLimit::Throw).unwrap();
    unsent.failed(Delivery::NotSent);
    assert_eq!(limiter.limits().remaining, Some(9));
    let mut lost = limiter.turn();
    lost.ask(now(), RateLimit::Throw).unwrap();
    lost.failed(Delivery::Possible);
    assert_eq!(limiter.limits().remaining, Some(8));
    let window = limiter.window();
    assert_eq!((window.sent, window.booked), (0, 0));
}

#[test]
fn answers_that_are_overtaken_do_not_make_the_limit_grow() {
    let limiter = Limiter::default();
    let fields = |remaining| {
        [
            ("x-ratelimit-remaining", remaining),
            ("x-ratelimit-reset", "1356998500"),
        ]
    };
    for (said, known) in [("5", 5), ("7", 5), ("4", 4)] {
        request(&limiter, now(), 200, &fields(said));
        assert_eq!(limiter.limits().remaining, Some(known));
    }
    let next_window = [
        ("x-ratelimit-remaining", "9"),
        ("x-ratelimit-reset", "1356998800"),
    ];
    request(&limiter, now(), 200, &next_window);
    request(&limiter, now(), 200, &fields("0"));
    assert_eq!(limiter.limits().remaining, Some(9));
}

/// A reset that counts from now is in whole seconds, and so wanders.
#[test]
fn answers_of_one_window_never_put_its_end_off() {
    let limiter = Limiter::default();
    let half = SECOND / 2;
    for (at, said, end) in [
        (0, "60", 120),
        (2, "60", 120),
        (1, "59", 119),
        (3, "59", 119),
    ] {
        let fields = [("x-ratelimit-remaining", "9"), ("x-ratelimit-reset", said)];
        request(&limiter, now().after(at * half), 200, &fields);
        let reset = limiter.limits().reset.unwrap();
        assert_eq!(reset.mono, now().after(end * half).mono, "{at} {said}");
    }
}

#[test]
fn what_is_under_way_is_not_counted_twice_for_long() {
    let limiter = Limiter::default();
    let mut turns: Vec<_> = (0..280).map(|_| limiter.turn()).collect();
    for turn in &mut turns {
        turn.ask(now(), RateLimit::pace()).unwrap();
    }
    // The server has counted all of them already, but only one is answered yet.
    let fields = [
        ("x-ratelimit-remaining", "20"),
        ("x-ratelimit-reset", "300"),
    ];
    turns
        .pop()
        .unwrap()
        .answered(now(), StatusCode::OK, &headers(&fields));
    let wait = ask(&limiter, now(), RateLimit::pace()).unwrap_err();
    assert!(wait < 15 * SECOND, "{wait:?}");
}

proptest! {
    #[test]
    fn whatever_servers_say_the_wait_ends_and_the_counts_return_to_nothing(
        steps in proptest::collection::vec((0_u64..400, 0_u64..20, 0_u64..2000, 0..4_u8, 0..4_u8), 1..80),
    ) {
        let limiter = Limiter::default();
        let mut moment = now();
        let mut turns: Vec<Turn> = Vec::new();
        for (passes, remaining, reset, rule, what) in steps {
            moment = moment.after(Duration::from_secs(passes));
            let rule = [RateLimit::Throw, RateLimit::Wait, RateLimit::pace(), RateLimit::Pace(1.0)][usize::from(rule)];
            let mut turn = limiter.turn();
            if let Err(wait) = turn.ask(moment, rule) {
                prop_assert!(wait > Duration::ZERO && wait <= 86_400 * SECOND, "{:?}", wait);
                turns.push(turn);
                continue;
            }
            let (remaining, reset) = (remaining.to_string(), reset.to_string());
            let fields = [("ratelimit-remaining", &*remaining), ("ratelimit-reset", &*reset), ("ratelimit-limit", "20")];
            match what {
                0 => { turn.answered(moment, StatusCode::OK, &headers(&fields)); }
                1 => { turn.answered(moment, StatusCode::TOO_MANY_REQUESTS, &headers(&fields[..1])); }
                2 => turn.failed(Delivery::NotSent),
                _ => turns.push(turn),
            }
        }
        drop(turns);
        let window = limiter.window();
        prop_assert_eq!((window.sent, window.booked), (0, 0));
    }
}
