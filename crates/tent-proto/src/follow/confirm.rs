//! The side that is followed.

use std::mem;

use http::StatusCode;
use tent_discovery::DiscoverFailure;
use tent_flow::{Flow, Input, Moment, SchemeRule, Seed, Step, TransportErrorKind, ready};

use super::Challenge;
use crate::call::{ChallengeFollower, RequestFollow};
use crate::model::{Follower, Permissions};
use crate::{CallError, DiscoverEntity, Discovery, DiscoveryError, Entity, Exchange, Session};

/// Makes sure that an entity means to follow `own`, the entity that was asked for: discovers it, and
/// puts a challenge to the servers that its profile names, never to whoever sent the request.
///
/// Each of those servers is asked once at most, and no redirect is followed. Of an answer no more is
/// read than the challenge is long. A server that lets strangers cause this limits how often, and
/// which addresses may be reached (`docs/protocol.md` §10.4).
///
/// Source: tent.io 0.2, server-protocol; `docs/protocol.md` §6.8.
pub fn confirm(request: RequestFollow, own: Entity, seed: Seed) -> Confirm {
    Confirm {
        challenge: Challenge::new(seed),
        request,
        own,
        scheme: SchemeRule::default(),
        state: State::Begin,
    }
}

/// The flow of [`confirm`].
#[derive(Debug)]
#[must_use = "a flow does nothing until a driver runs it"]
pub struct Confirm {
    request: RequestFollow,
    own: Entity,
    challenge: Challenge,
    scheme: SchemeRule,
    state: State,
}

#[derive(Debug, Default)]
enum State {
    #[default]
    Begin,
    Discovering(Box<DiscoverEntity>),
    Challenging(Box<Exchange<ChallengeFollower>>, Box<Discovery>),
}

/// An entity that means to follow.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Confirmed {
    /// What it asked for.
    pub request: RequestFollow,
    /// Who it is, and where its servers are. Its entity counts, not that of the request.
    pub discovery: Discovery,
}

impl Confirmed {
    /// The follower to keep: what was asked for, and the profile as it was found. It has neither id
    /// nor [credential](Follower::with_credentials) yet; one that follows already keeps both ids, and
    /// what was asked for does not change it.
    pub fn follower(&self) -> Follower {
        let permissions = self.request.permissions.clone();
        Follower {
            entity: Some(self.discovery.entity.clone()),
            types: self.request.types.clone(),
            licenses: self.request.licenses.clone(),
            permissions: Some(permissions.unwrap_or_else(Permissions::public)),
            profile: Some(self.discovery.profile.clone()),
            notification_path: Some(self.request.notification_path.as_str().to_owned()),
            ..Follower::default()
        }
    }
}

/// Why a request to follow is refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FollowRefused {
    /// It is the entity's own.
    #[error("an entity cannot follow itself")]
    Own,
    /// Who is said to follow was not discovered.
    #[error("{entity}, which is said to follow, was not discovered")]
    NotDiscovered {
        /// Who is said to follow.
        entity: Entity,
        /// Why it was not.
        #[source]
        cause: Box<DiscoveryError>,
    },
    /// The server of who is said to follow does not repeat the challenge.
    #[error("the server of {entity} does not confirm that it follows")]
    NotConfirmed {
        /// Who is said to follow.
        entity: Entity,
        /// What came instead.
        #[source]
        cause: CallError,
    },
}

impl FollowRefused {
    /// The status to answer with.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Own => StatusCode::NOT_ACCEPTABLE,
            Self::NotConfirmed { .. } => StatusCode::FORBIDDEN,
            Self::NotDiscovered { cause, .. } => match &**cause {
                DiscoveryError::NotFound { failure, .. } => match &**failure {
                    DiscoverFailure::Unreachable { source, .. } => match source.kind() {
                        TransportErrorKind::Timeout => StatusCode::GATEWAY_TIMEOUT,
                        _ => StatusCode::SERVICE_UNAVAILABLE,
                    },
                    _ => StatusCode::NOT_FOUND,
                },
                _ => StatusCode::NOT_FOUND,
            },
        }
    }
}

impl Confirm {
    /// Says which schemes may be used. By default `http` is for loopback alone.
    pub const fn with_scheme_rule(mut self, rule: SchemeRule) -> Self {
        self.scheme = rule;
        self
    }

    fn begin(&mut self, now: Moment) -> Step<Result<Confirmed, FollowRefused>> {
        if self.request.entity.is_same_page(&self.own) {
            return Step::Done(Err(FollowRefused::Own));
        }
        let discover = DiscoverEntity::new(self.request.entity.clone());
        self.state = State::Discovering(Box::new(discover.with_scheme_rule(self.scheme)));
        self.step(now, Input::Ready)
    }

    fn discovered(
        &mut self,
        now: Moment,
        discovery: Discovery,
    ) -> Step<Result<Confirmed, FollowRefused>> {
        if discovery.entity.is_same_page(&self.own) {
            return Step::Done(Err(FollowRefused::Own));
        }
        let (entity, servers) = (discovery.entity.clone(), discovery.servers.clone());
        let session = Session::anonymous(entity, servers).with_scheme_rule(self.scheme);
        let path = self.request.notification_path.clone();
        let exchange = session.call(ChallengeFollower::new(path, self.challenge.clone()));
        self.state = State::Challenging(Box::new(exchange), Box::new(discovery));
        self.step(now, Input::Ready)
    }

    /// The challenge was repeated, or was not.
    fn challenged(&mut self, repeated: Result<(), CallError>) -> Result<Confirmed, FollowRefused> {
        let entity = self.request.entity.clone();
        repeated.map_err(|cause| FollowRefused::NotConfirmed { entity, cause })?;
        match mem::take(&mut self.state) {
            State::Challenging(_, discovery) => Ok(Confirmed {
                request: self.request.clone(),
                discovery: *discovery,
            }),
            // Not reached: only a challenge is repeated.
            State::Begin | State::Discovering(_) => Err(FollowRefused::Own),
        }
    }
}

impl Flow for Confirm {
    type Output = Result<Confirmed, FollowRefused>;

    fn step(&mut self, now: Moment, input: Input) -> Step<Self::Output> {
        match &mut self.state {
            State::Begin => self.begin(now),
            State::Discovering(discover) => match ready!(discover.step(now, input)) {
                Ok(discovery) => self.discovered(now, discovery),
                Err(cause) => Step::Done(Err(FollowRefused::NotDiscovered {
                    entity: self.request.entity.clone(),
                    cause: Box::new(cause),
                })),
            },
            State::Challenging(exchange, _) => {
                let repeated = ready!(exchange.step(now, input));
                Step::Done(self.challenged(repeated))
            }
        }
    }
}
