//! What is done when there is no answer.

use std::time::Duration;

use tent_flow::policy::Turn;
use tent_flow::{Delivery, Flow, Input, Moment, Step, TransportError, TransportErrorKind};

use tracing::debug;

use super::{Exchange, State};
use crate::call::Call;
use crate::policy::WaitReason;
use crate::{CallError, DiscoverEntity, Entity, Server, Timestamp, Unconfirmed};

/// The entity is discovered once more, since none of its servers answers.
#[derive(Debug)]
pub(super) struct Rediscovery {
    flow: DiscoverEntity,
    /// What the call comes to if nothing new is found.
    error: CallError,
}

impl<C: Call> Exchange<C> {
    pub(super) fn judge_failure(
        &mut self,
        now: Moment,
        turn: Turn,
        cause: TransportError,
    ) -> Step<Result<C::Answer, CallError>> {
        use TransportErrorKind::{Broken, Connect, Sink, Source, Timeout, TooLarge};
        turn.failed(cause.delivery());
        // A request whose body could not be read never was whole, so that no server carried it out.
        let is_undone = cause.delivery() == Delivery::NotSent || cause.kind() == Source;
        let is_safe = is_undone || self.may_be_repeated();
        let is_the_servers = !matches!(cause.kind(), Source | Sink | TooLarge);
        let may_pass = matches!(cause.kind(), Connect | Timeout | Broken);
        if is_the_servers {
            self.servers.failed(self.index, now, None);
        }
        if !is_safe {
            return Step::Done(Err(self.outcome_unknown(Unconfirmed::NoAnswer(cause))));
        }
        if is_the_servers && self.may_turn_to_another() {
            return self.choose(now);
        }
        let error = self.no_answer(cause);
        if !may_pass {
            return Step::Done(Err(error));
        }
        if !self.heard && self.may_rediscover(now) {
            let entity = self.session.entity().clone();
            let flow = DiscoverEntity::new(entity).with_scheme_rule(self.session.scheme());
            let rediscovery = Box::new(Rediscovery { flow, error });
            return self.rediscover(now, rediscovery, Input::Ready);
        }
        self.try_again(now, None, error)
    }

    pub(super) fn no_answer(&self, cause: TransportError) -> CallError {
        match self.url() {
            Ok(url) => CallError::NoAnswer { url, cause },
            Err(error) => error.into(),
        }
    }

    pub(super) fn outcome_unknown(&self, cause: Unconfirmed) -> CallError {
        let search = self.begun.and_then(|begun| {
            let begun = self.servers.time(self.index, begun);
            let begun = Timestamp::from_epoch_seconds(i64::try_from(begun).ok()?);
            self.call.search(&self.session, begun)
        });
        match self.url() {
            Ok(url) => CallError::OutcomeUnknown {
                url,
                cause,
                search: search.map(Box::new),
            },
            Err(error) => error.into(),
        }
    }

    pub(super) fn may_turn_to_another(&self) -> bool {
        self.session.policy().failover && self.servers.has_untried(self.tried)
    }

    /// All servers failed. After a pause they are asked again, if there is any of the budget left.
    pub(super) fn try_again(
        &mut self,
        now: Moment,
        asked: Option<Duration>,
        error: CallError,
    ) -> Step<Result<C::Answer, CallError>> {
        let elapsed = self
            .begun
            .map_or(Duration::ZERO, |begun| now.mono.saturating_sub(begun.mono));
        let retry = self.session.policy().retry;
        let random = self.session.random(now);
        let Some(wait) = retry.wait(self.count.retries, elapsed, asked, random) else {
            return Step::Done(Err(error));
        };
        self.count.retries += 1;
        self.tried = 0;
        self.heard = false;
        self.state = State::Paused;
        self.wait(WaitReason::Retry, wait)
    }

    fn may_rediscover(&self, now: Moment) -> bool {
        self.session.policy().rediscovery
            && !self.count.rediscovered
            && self.session.may_rediscover(now)
    }

    pub(super) fn rediscover(
        &mut self,
        now: Moment,
        mut rediscovery: Box<Rediscovery>,
        input: Input,
    ) -> Step<Result<C::Answer, CallError>> {
        self.count.rediscovered = true;
        let found = match rediscovery.flow.step(now, input) {
            Step::Do(effect) => {
                self.state = State::Rediscovering(rediscovery);
                return Step::Do(effect);
            }
            Step::Done(found) => found,
        };
        let moved = found.is_ok_and(|found| {
            let list = self.trusted(&found.entity, found.servers);
            self.servers.replace(list)
        });
        debug!(moved, "looked for the entity's servers again, which moved:");
        if moved {
            self.servers = std::sync::Arc::clone(self.session.latest_servers());
            self.tried = 0;
            return self.choose(now);
        }
        self.try_again(now, None, rediscovery.error)
    }

    /// The servers that may be asked instead: those of the same entity, and none that everybody can
    /// listen to when nobody could before.
    fn trusted(&self, entity: &Entity, mut servers: Vec<Server>) -> Vec<Server> {
        let is_secret = |server: &Server| server.url().scheme() == "https";
        if entity != self.session.entity() {
            servers.clear();
        }
        if self.servers.list().iter().all(is_secret) {
            servers.retain(is_secret);
        }
        servers
    }
}
