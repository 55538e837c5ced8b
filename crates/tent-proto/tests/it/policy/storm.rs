//! Many random faults: what must hold whatever happens. Three posts and three lists a round; with
//! optimization more than a hundred thousand posts.

use std::collections::BTreeSet;
use std::time::Duration;

use tent_flow::Moment;
use tent_flow::policy::Jitter;
use tent_flow::script::{Answer, Clock, Seen, run};
use tent_proto::{CallError, Policy, Post};

use super::{reset, signature, two_servers};

/// The server's side: what it published, though it may not have said so.
#[derive(Default)]
struct Served {
    published: Vec<String>,
    nonces: BTreeSet<String>,
    requests: usize,
}

impl Served {
    /// Answers, with some fault or none. A post is published before the answer is lost.
    fn answer(&mut self, asked: &Seen, fault: u64) -> Answer {
        if asked.url.host_str() == Some("alice.example") {
            return Answer::refuses_connection();
        }
        assert!(matches!(
            asked.url.host_str(),
            Some("a.example" | "b.example")
        ));
        let (_, nonce) = signature(asked);
        assert!(self.nonces.insert(nonce), "a nonce came twice");
        self.requests += 1;
        match fault {
            0 => return Answer::refuses_connection(),
            1 => return Answer::status(429).header("retry-after", "3"),
            2 => return Answer::status(429),
            3 => return Answer::status(503).header("retry-after", "2"),
            4 => return Answer::status(302).header("location", "/elsewhere"),
            5 => {
                return Answer::status(401)
                    .header("date", "Tue, 01 Jan 2013 03:00:00 GMT")
                    .body(r#"{"error":"Stale MAC Timestamp"}"#);
            }
            6 => return reset(), // before it arrived
            _ => {}
        }
        let is_post = asked.method == "POST";
        if is_post {
            self.published
                .push(String::from_utf8(asked.body.to_vec()).unwrap());
        }
        match fault {
            7 => reset(), // after it arrived
            8 => Answer::status(500),
            9 => Answer::times_out(),
            _ if is_post => Answer::json(r#"{"id":"p1"}"#),
            _ => Answer::json("[]"),
        }
    }
}

#[test]
fn no_post_is_published_twice_and_none_that_was_acknowledged_is_lost() {
    let jitter = Jitter::new(41);
    let random = |most: u64| jitter.next(Moment::at_epoch_seconds(0)) % most;
    let rounds = if cfg!(debug_assertions) { 700 } else { 35_000 };
    for round in 0..rounds {
        let session = two_servers().with_policy(match round % 3 {
            0 => Policy::default(),
            1 => Policy::off(),
            _ => Policy::default().rate_limit(tent_flow::policy::RateLimit::pace()),
        });
        let mut clock = Clock::at_epoch_seconds(1_356_998_400);
        let mut served = Served::default();
        // Some rounds are calm, some are nothing but faults.
        let calm = 10 + random(20);
        for call in 0..3 {
            let text = format!("{round} {call}");
            let before = served.published.len();
            let flow = session.create_post(&Post::status(&text));
            let result = run(flow, &mut clock, |asked| served.answer(asked, random(calm)));
            let published = served.published[before..].len();
            assert!(published <= 1, "{text}: {published} times");
            match result {
                Ok(_) => assert_eq!(published, 1, "{text} was acknowledged and lost"),
                Err(CallError::OutcomeUnknown { search, .. }) => assert!(search.is_some()),
                Err(CallError::Refused(refusal)) if refusal.status() == 500 => {}
                Err(error) => assert_eq!(published, 0, "{text}: {error:?}"),
            }
            let list = session.list_posts(Default::default());
            let _ = run(list, &mut clock, |asked| served.answer(asked, random(calm)));
        }
        let waited: Duration = clock.waits().iter().sum();
        assert!(waited <= 6 * Duration::from_secs(16 * 60), "{waited:?}");
        assert!(served.requests < 3000, "{}", served.requests);
    }
}
