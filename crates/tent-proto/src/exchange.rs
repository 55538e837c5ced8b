//! Making a call real: choosing a server, waiting, signing, sending, judging the answer.

mod attempt;
mod failure;
mod find_post;
mod judge;

use std::mem;
use std::sync::Arc;
use std::time::Duration;

use tent_flow::policy::Turn;
use tent_flow::{Flow, Input, Moment, SchemeRule, Step};
use tracing::debug;
use url::Url;

use self::failure::Rediscovery;
pub use self::find_post::FindPost;
use crate::call::{Access, Call, Replay};
use crate::json::DecodeError;
use crate::policy::{WaitReason, Waiting};
use crate::session::{self, Renewing, Servers};
use crate::{BuildError, CallError, Policy, Refusal, Server, Session};

/// The flow that makes one call, under the session's [`Policy`](crate::Policy).
///
/// - Each attempt is signed anew, with the time of the step and a nonce of its own; waits come before.
/// - The servers of the entity are asked in the order of its profile, those that failed lately last.
///   Another one is asked when the request cannot have been received, or when sending it again is safe
///   and there was no answer, or one of 5xx but 501 and 507. What may have been carried out and may not
///   be done twice ends as [`CallError::OutcomeUnknown`]: after no answer, one of those 5xx, and one that
///   cannot be read.
/// - When no server answers, the entity is discovered again: once, and only servers that its own profile
///   names are asked then, and none over http where it was https before.
/// - After a `429`, a call waits as long as the server says, and is sent again.
/// - A `401` for the timestamp is repaired once, with the server's own time.
/// - Redirects of `GET` and `HEAD` are followed within the server's origin, five at most.
///
/// Source: `docs/protocol.md` §2.8, §5.3 and §10.3.
#[derive(Debug)]
#[must_use = "a flow does nothing until a driver runs it"]
pub struct Exchange<C> {
    session: Session,
    call: C,
    state: State,
    servers: Arc<Servers>,
    /// The server that is asked now, and those asked since the last pause, a bit each.
    index: usize,
    tried: u64,
    /// Whether any of those answered.
    heard: bool,
    /// Where a redirect leads.
    redirected: Option<Box<Url>>,
    begun: Option<Moment>,
    count: Tally,
}

/// What is done a limited number of times.
#[derive(Debug, Default)]
struct Tally {
    retries: u32,
    redirects: u32,
    /// Answers of `429` that did not say how long to wait.
    refusals: u32,
    waited: Duration,
    repaired: bool,
    rediscovered: bool,
}

/// What the next input is about.
#[derive(Debug, Default)]
enum State {
    /// Nothing yet, or a pause before the servers are asked again.
    #[default]
    Paused,
    /// A wait until the server's limit allows the request.
    Queued(Turn),
    /// The answer.
    Sent(Turn),
    Rediscovering(Box<Rediscovery>),
    /// A wait for another call, which renews the credential.
    Held,
    Renewing(Box<Renewing>),
}

impl<C: Call> Flow for Exchange<C> {
    type Output = Result<C::Answer, CallError>;

    fn step(&mut self, now: Moment, input: Input) -> Step<Self::Output> {
        match (mem::take(&mut self.state), input) {
            (State::Sent(turn), Input::Response(answer)) => self.judge(now, turn, answer),
            (State::Sent(turn), Input::Failed(cause)) => self.judge_failure(now, turn, cause),
            (State::Renewing(renewing), input) => self.renew(now, renewing, input),
            (State::Held, Input::Ready) => self.ask_anew(now),
            (State::Rediscovering(rediscovery), input) => self.rediscover(now, rediscovery, input),
            (State::Queued(turn), Input::Ready) => self.ask(now, turn),
            // The driver cannot wait.
            (State::Queued(_) | State::Held | State::Paused, Input::Failed(cause)) => {
                Step::Done(Err(self.no_answer(cause)))
            }
            _ => self.choose(now),
        }
    }
}

impl<C: Call> Exchange<C> {
    pub(crate) fn new(session: Session, call: C) -> Self {
        let servers = Arc::clone(session.latest_servers());
        Self {
            index: servers.preferred(),
            servers,
            session,
            call,
            state: State::Paused,
            tried: 0,
            heard: false,
            redirected: None,
            begun: None,
            count: Tally::default(),
        }
    }

    /// Says which schemes may be used, when not as the session says.
    pub(crate) fn with_scheme_rule(mut self, rule: SchemeRule) -> Self {
        self.session = self.session.with_scheme_rule(rule);
        self
    }

    /// Says what is done about limits and failures, when not what the session says.
    pub(crate) fn with_policy(mut self, policy: Policy) -> Self {
        self.session = self.session.with_policy(policy);
        self
    }

    /// Changes the call, which was not made yet.
    pub(crate) fn map_call(self, change: impl FnOnce(C) -> C) -> Self {
        Self {
            call: change(self.call),
            ..self
        }
    }

    pub(crate) const fn session(&self) -> &Session {
        &self.session
    }

    /// The error for an answer that lacks what it must have.
    pub(crate) fn not_understood(&self, cause: DecodeError) -> CallError {
        match self.url() {
            Ok(url) => CallError::Decode { url, cause },
            Err(error) => error.into(),
        }
    }

    fn may_be_repeated(&self) -> bool {
        self.call.replay() == Replay::Always
    }

    /// Turns to the next server.
    fn choose(&mut self, now: Moment) -> Step<Result<C::Answer, CallError>> {
        self.redirected = None;
        if self.session.policy().failover {
            let Some(index) = self.servers.choose(now, self.tried) else {
                return Step::Done(Err(BuildError::NoServer.into()));
            };
            if self.tried != 0
                && let Some(server) = self.servers.get(index)
            {
                debug!(%server, "turns to");
            }
            self.index = index;
            self.tried |= 1 << index; // it is below 64
        }
        self.ask_anew(now)
    }

    /// Asks the same server once more.
    fn ask_anew(&mut self, now: Moment) -> Step<Result<C::Answer, CallError>> {
        match self.credential_turn(now) {
            Ok(session::Turn::Sign) => {}
            Ok(session::Turn::Wait(time)) => {
                self.state = State::Held;
                return Step::wait(time);
            }
            Ok(session::Turn::Renew(renewing)) => return self.renew(now, renewing, Input::Ready),
            Err(error) => return Step::Done(Err(error)),
        }
        match self.session.limiter(&self.servers, self.index) {
            Some(limiter) => self.ask(now, limiter.turn()),
            None => Step::Done(Err(BuildError::NoServer.into())),
        }
    }

    fn credential_turn(&self, now: Moment) -> Result<session::Turn, CallError> {
        match self.call.access() {
            Access::Public => Ok(session::Turn::Sign),
            Access::Optional | Access::Signed => self.session.turn(now),
        }
    }

    fn renew(
        &mut self,
        now: Moment,
        mut renewing: Box<Renewing>,
        input: Input,
    ) -> Step<Result<C::Answer, CallError>> {
        match renewing.flow.step(now, input) {
            Step::Do(effect) => {
                self.state = State::Renewing(renewing);
                Step::Do(effect)
            }
            Step::Done(renewed) => {
                debug!(success = renewed.is_ok(), "renewed the credential:");
                renewing.finish(renewed);
                self.ask_anew(now)
            }
        }
    }

    /// Sends the request when the server's limit allows it, and else waits.
    fn ask(&mut self, now: Moment, mut turn: Turn) -> Step<Result<C::Answer, CallError>> {
        if let Err(wait) = turn.ask(now, self.session.policy().rate_limit) {
            return self.queue(wait, turn, None);
        }
        match self.attempt(now) {
            Ok(effect) => {
                self.begun.get_or_insert(now);
                self.state = State::Sent(turn);
                Step::Do(effect)
            }
            Err(error) => {
                turn.failed(tent_flow::Delivery::NotSent);
                Step::Done(Err(error.into()))
            }
        }
    }

    /// Waits for a turn, if that is not too long.
    fn queue(
        &mut self,
        wait: Duration,
        turn: Turn,
        refusal: Option<Box<Refusal>>,
    ) -> Step<Result<C::Answer, CallError>> {
        let longest = self.session.policy().longest_wait;
        let waited = self.count.waited.saturating_add(wait);
        if waited > longest {
            return Step::Done(Err(match self.url() {
                Ok(url) => CallError::RateLimited {
                    url,
                    wait,
                    longest,
                    refusal,
                },
                Err(error) => error.into(),
            }));
        }
        self.count.waited = waited;
        self.state = State::Queued(turn);
        self.wait(WaitReason::RateLimit, wait)
    }

    fn wait(&self, reason: WaitReason, time: Duration) -> Step<Result<C::Answer, CallError>> {
        if let Ok(server) = self.server() {
            debug!(%server, ?reason, "a wait for");
            let waiting = Waiting {
                reason,
                time,
                server,
            };
            self.session.policy().tell(&waiting);
        }
        Step::wait(time)
    }

    fn server(&self) -> Result<&Server, BuildError> {
        self.servers.get(self.index).ok_or(BuildError::NoServer)
    }

    /// What is asked now. It is built once more where it is needed: a call that succeeds keeps no copy.
    fn url(&self) -> Result<Box<Url>, BuildError> {
        match &self.redirected {
            Some(url) => Ok(url.clone()),
            None => Ok(Box::new(self.call.request(self.server()?)?.url)),
        }
    }
}
