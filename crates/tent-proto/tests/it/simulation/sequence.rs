//! One client, a few calls, and what happens to them.

use std::collections::BTreeMap;
use std::time::Duration;

use tent_flow::policy::{Jitter, RateLimit, Retry};
use tent_flow::script::{Clock, run};
use tent_flow::{Flow, Moment, Seed};
use tent_proto::mac::{Algorithm, Credentials};
use tent_proto::{CallError, Entity, Policy, Post, Session};
use tent_testkit::faults::{Fault, Faults};

use super::account::{Account, NOW};

pub(super) struct Sequence {
    seed: u64,
    random: Jitter,
    session: Session,
    faults: Faults,
    clock: Clock,
    account: Account,
    /// How often the caller sent each text.
    sendings: BTreeMap<String, usize>,
    /// What came of the calls.
    story: Vec<String>,
}

/// How long one flow may take by the fake clock: waits for limits, retries, answers that do not come.
const LONGEST: Duration = Duration::from_secs(15 * 60 + 60 + 12 * TIMEOUT.as_secs());
const TIMEOUT: Duration = Duration::from_secs(10);
const MOST_REQUESTS: usize = 4000;

impl Sequence {
    pub(super) fn new(seed: u64) -> Self {
        let random = Jitter::new(seed);
        let faults = faults(&random);
        let entity: Entity = "https://alice.example".parse().unwrap();
        let servers = ["https://a.example", "https://b.example"];
        let servers = servers.map(|root| root.parse().unwrap()).to_vec();
        let credentials = Credentials::new("u:1", "k", Algorithm::HmacSha256).unwrap();
        let session = Session::new(entity, servers, credentials, Seed::new([seed as u8; 32]));
        let mut account = Account::default();
        account.has_moved = number(&random, 3) == 0;
        Self {
            seed,
            session: session.with_policy(policy(&random)),
            random,
            faults,
            clock: Clock::at_epoch_seconds(NOW),
            account,
            sendings: BTreeMap::new(),
            story: Vec::new(),
        }
    }

    pub(super) fn play(&mut self) {
        for call in 0..=number(&self.random, 2) {
            match number(&self.random, 3) {
                0 => self.list(),
                _ => self.publish(&format!("{} {call}", self.seed)),
            }
        }
        let account = &mut self.account;
        run(self.faults.deliver(), &mut self.clock, |asked| {
            account.answer(asked)
        });
        for (text, sendings) in &self.sendings {
            let published = self.account.published(text);
            assert!(
                published <= *sendings,
                "{text} was published {published} times"
            );
        }
    }

    /// Sends a post, looks for it when nothing tells whether it arrived, and may send it again.
    fn publish(&mut self, text: &str) {
        loop {
            *self.sendings.entry(text.to_owned()).or_default() += 1;
            let result = self.run(self.session.create_post(&Post::status(text)));
            let published = self.account.published(text);
            let sendings = self.sendings[text];
            self.story.push(format!("{text}: {result:?}"));
            match result {
                Ok(_) => return assert!(published > 0, "{text} was acknowledged and lost"),
                Err(CallError::OutcomeUnknown { search, .. }) => {
                    let found = self.run(*search.unwrap());
                    self.story.push(format!("{text}: {found:?}"));
                    if let Ok(Some(_)) = found {
                        return assert!(self.account.published(text) > 0, "{text} was made up");
                    }
                    if number(&self.random, 2) == 0 {
                        return;
                    }
                }
                // What the caller is told to be safe is, unless it was sent before this.
                Err(error) if sendings == 1 => {
                    return assert_eq!(published, 0, "{text}: {error:?}");
                }
                Err(_) => return,
            }
        }
    }

    fn list(&mut self) {
        let result = self.run(self.session.list_posts(Default::default()));
        self.story.push(format!("{result:?}"));
    }

    fn run<F: Flow>(&mut self, flow: F) -> F::Output {
        let (begun, before) = (self.clock.now(), self.account.requests);
        let account = &mut self.account;
        let flow = self.faults.under(flow);
        let output = run(flow, &mut self.clock, |asked| account.answer(asked));
        let took = self.clock.now().mono - begun.mono;
        assert!(took <= LONGEST, "{}: it took {took:?}", self.seed);
        let requests = self.account.requests - before;
        assert!(requests < MOST_REQUESTS, "{}: {requests}", self.seed);
        output
    }

    pub(super) fn story(&self) -> Vec<String> {
        self.story.clone()
    }
}

fn number(random: &Jitter, below: u64) -> u64 {
    random.next(Moment::at_epoch_seconds(0)) % below
}

fn policy(random: &Jitter) -> Policy {
    match number(random, 5) {
        0 => Policy::off(),
        1 => Policy::off().failover(true).retry(Retry::times(5)),
        2 => Policy::default().rate_limit(RateLimit::pace()),
        _ => Policy::default(),
    }
}

/// Some sequences are calm, some are nothing but faults. Servers that are down stay so for a while, and
/// the clock may be wrong.
fn faults(random: &Jitter) -> Faults {
    let mut down = [number(random, 8) == 0, number(random, 8) == 0];
    let (calm, seed) = (
        1 + number(random, 60),
        random.next(Moment::at_epoch_seconds(0)),
    );
    let numbers = Jitter::new(seed);
    let ahead = [0, 0, 0, -36_000, 36_000];
    let ahead = ahead[number(random, ahead.len() as u64) as usize];
    Faults::choose(move |_, url| {
        let next = |below| number(&numbers, below);
        let server = match url.host_str() {
            Some("a.example") => Some(0),
            Some("b.example") => Some(1),
            _ => None,
        };
        if let Some(server) = server {
            down[server] ^= next(30) == 0;
            if down[server] {
                return Fault::Refused;
            }
        }
        let retry_after = [("retry-after", "3")];
        let stale = r#"{"error":"Stale MAC Timestamp"}"#;
        match next(18 + calm) {
            0 => Fault::Refused,
            1 => Fault::ResetBefore,
            2 => Fault::ResetDuring,
            3 | 4 => Fault::ResetAfter,
            5 => Fault::Silent,
            6..9 => Fault::Late(next(4) as usize),
            9 => Fault::Truncated(1),
            10 => Fault::Html,
            11 => Fault::instead(429, &retry_after, ""),
            12 => Fault::instead(429, &[("x-ratelimit-reset", "20")], ""),
            13 => Fault::instead(503, &retry_after, ""),
            14 => Fault::after(502, &[], ""),
            15 => Fault::instead(307, &[("location", "/posts")], ""),
            16 => Fault::instead(302, &[("location", "https://evil.example/posts")], ""),
            17 => Fault::instead(401, &[("date", "Tue, 01 Jan 2013 10:00:00 GMT")], stale),
            _ => Fault::None,
        }
    })
    .with_timeout(TIMEOUT)
    .with_clock_ahead(ahead)
}
