//! A day of many callers that share a limit.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use http::HeaderValue;
use proptest::prelude::*;

use super::*;
use crate::policy::Jitter;

const NOW: u64 = 1_356_998_400;

/// A server that allows 300 requests per window of 300 seconds, and says so in one of these ways.
#[derive(Debug, Clone, Copy)]
enum Says {
    EpochAndDate,
    Iso,
    SecondsLeft,
    Combined,
}

struct Served {
    /// When they arrived, in nanoseconds.
    arrivals: Vec<u64>,
    refused: usize,
}

const WINDOW: u64 = 300;
const LIMIT: u64 = 300;

/// Runs callers that always have work against the server, for so many seconds.
fn simulate(callers: usize, factor: f64, seconds: u64, says: Says) -> Served {
    const NANOS: u64 = 1_000_000_000;
    #[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
    enum Event {
        Asks,
        Arrives,
        Answered {
            remaining: u64,
            until: u64,
            date: u64,
            refused: bool,
        },
    }
    let limiter = Limiter::default();
    let jitter = Jitter::new(callers as u64);
    let at = |nanos| Moment::at_epoch_seconds(NOW).after(Duration::from_nanos(nanos));
    let latency = || 5_000_000 + jitter.next(Moment::at_epoch_seconds(NOW)) % 400_000_000;
    let mut turns: Vec<Option<Turn>> = (0..callers).map(|_| None).collect();
    let mut events: BinaryHeap<_> = (0..callers)
        .map(|caller| Reverse((0, caller, Event::Asks)))
        .collect();
    let (mut window, mut used) = (0, 0);
    let mut served = Served {
        arrivals: Vec::new(),
        refused: 0,
    };
    while let Some(Reverse((nanos, caller, event))) = events.pop() {
        if nanos >= seconds * NANOS {
            break;
        }
        let next = match event {
            Event::Asks => {
                let turn = turns[caller].get_or_insert_with(|| limiter.turn());
                match turn.ask(at(nanos), RateLimit::Pace(factor)) {
                    Ok(()) => (nanos + latency(), Event::Arrives),
                    Err(wait) => (nanos + wait.as_nanos() as u64, Event::Asks),
                }
            }
            Event::Arrives => {
                let second = nanos / NANOS;
                if second / WINDOW != window {
                    (window, used) = (second / WINDOW, 0);
                }
                let refused = used == LIMIT;
                if refused {
                    served.refused += 1;
                } else {
                    used += 1;
                    served.arrivals.push(nanos);
                }
                let answered = Event::Answered {
                    remaining: LIMIT - used,
                    until: (window + 1) * WINDOW,
                    date: second,
                    refused,
                };
                (nanos + latency(), answered)
            }
            Event::Answered {
                remaining,
                until,
                date,
                refused,
            } => {
                let mut headers = HeaderMap::new();
                let mut set = |name: &'static str, value: String| {
                    headers.insert(name, HeaderValue::try_from(value).unwrap());
                };
                let left = until - date;
                if !matches!(says, Says::Combined) {
                    set("x-ratelimit-limit", LIMIT.to_string());
                    set("x-ratelimit-remaining", remaining.to_string());
                }
                match says {
                    Says::EpochAndDate => {
                        set("x-ratelimit-reset", (NOW + until).to_string());
                        set("date", iso(date));
                    }
                    Says::Iso => {
                        set("x-ratelimit-reset", iso(until));
                        set("date", iso(date));
                    }
                    Says::SecondsLeft => set("x-ratelimit-reset", left.to_string()),
                    Says::Combined => {
                        set("ratelimit", format!("\"x\";r={remaining};t={left}"));
                        set("ratelimit-policy", format!("\"x\";q={LIMIT};w={WINDOW}"));
                    }
                }
                let status = if refused { 429 } else { 200 };
                let turn = turns[caller].take().unwrap();
                turn.answered(at(nanos), StatusCode::from_u16(status).unwrap(), &headers);
                (nanos, Event::Asks)
            }
        };
        events.push(Reverse((next.0, caller, next.1)));
    }
    served
}

/// A date so many seconds after `NOW`, within the days after it.
fn iso(seconds: u64) -> String {
    let (day, second) = (seconds / 86_400 + 1, seconds % 86_400);
    let (hour, minute) = (second / 3600, second / 60 % 60);
    format!("2013-01-{day:02}T{hour:02}:{minute:02}:{:02}Z", second % 60)
}

#[test]
fn a_day_of_pacing_never_exceeds_the_limit_and_uses_nearly_all_of_it() {
    for (says, seconds) in [
        (Says::EpochAndDate, 86_400),
        (Says::Iso, 7200),
        (Says::SecondsLeft, 7200),
        (Says::Combined, 7200),
    ] {
        for callers in [1, 2, 8, 64] {
            let served = simulate(callers, 1.0, seconds, says);
            assert_eq!(served.refused, 0, "{says:?}, {callers} callers");
            let share = served.arrivals.len() as f64 / (seconds / WINDOW * LIMIT) as f64;
            assert!(share >= 0.99, "{says:?}, {callers} callers: {share}");
        }
    }
}

#[test]
fn a_factor_makes_it_faster_and_never_more() {
    let served = simulate(8, 1.1, 3600, Says::EpochAndDate);
    assert_eq!(served.refused, 0);
    let in_window = |second: u64| {
        let end = second * 1_000_000_000;
        served
            .arrivals
            .iter()
            .filter(|at| **at < end && **at >= end - 150_000_000_000)
            .count()
    };
    // Half of the second window has brought a tenth more than half of the limit.
    assert!((155..175).contains(&in_window(450)), "{}", in_window(450));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn the_pacer_never_exceeds(callers in 1_usize..100, factor in 0.2..1.3, says in 0..4) {
        let says = [Says::EpochAndDate, Says::Iso, Says::SecondsLeft, Says::Combined][says as usize];
        prop_assert_eq!(simulate(callers, factor, 1500, says).refused, 0);
    }
}
