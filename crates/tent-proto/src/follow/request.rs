//! The side that follows.

use serde::{Deserialize, Serialize};
use tent_flow::{Flow, Input, Moment, SchemeRule, Seed, Step, ready};

use crate::call::RequestFollow;
use crate::json::DecodeError;
use crate::mac::Credentials;
use crate::model::Follower;
use crate::{CallError, Discovery, Entity, Exchange, FollowerId, Server, Session};

/// Asks the servers of a discovered entity to let another one follow it. Meanwhile they challenge the
/// server of that other one, which must be able to answer.
///
/// Source: tent.io 0.2, server-protocol; `docs/protocol.md` §6.8.
pub fn follow(discovery: &Discovery, request: RequestFollow) -> Follow {
    let (entity, servers) = (discovery.entity.clone(), discovery.servers.clone());
    Follow {
        exchange: Session::anonymous(entity, servers).call(request),
    }
}

/// The flow of [`follow`].
#[derive(Debug)]
#[must_use = "a flow does nothing until a driver runs it"]
pub struct Follow {
    exchange: Exchange<RequestFollow>,
}

impl Follow {
    /// Says which schemes may be used. By default `http` is for loopback alone.
    pub fn with_scheme_rule(self, rule: SchemeRule) -> Self {
        Self {
            exchange: self.exchange.with_scheme_rule(rule),
        }
    }
}

impl Flow for Follow {
    type Output = Result<Followed, CallError>;

    fn step(&mut self, now: Moment, input: Input) -> Step<Self::Output> {
        let follower = match ready!(self.exchange.step(now, input)) {
            Ok(follower) => follower,
            Err(error) => return Step::Done(Err(error)),
        };
        let session = self.exchange.session();
        let followed = Followed::read(session.entity(), session.servers(), &follower);
        Step::Done(followed.map_err(|cause| self.exchange.not_understood(cause)))
    }
}

/// What the follower's server keeps of an entity that it follows. Serializing it writes the key.
///
/// To the app that asked for it, and to people, it is a [`Following`](crate::model::Following).
///
/// Source: `docs/protocol.md` §6.8.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Followed {
    /// Who is followed.
    pub entity: Entity,
    /// Its servers, most preferred first.
    pub servers: Vec<Server>,
    /// The id of the follower there: the following's `remote_id`.
    pub id: FollowerId,
    /// What signs the calls of the follower there, and the posts that come from there.
    pub credentials: Credentials,
}

impl Followed {
    /// What was kept.
    pub const fn new(
        entity: Entity,
        servers: Vec<Server>,
        id: FollowerId,
        credentials: Credentials,
    ) -> Self {
        Self {
            entity,
            servers,
            id,
            credentials,
        }
    }

    fn read(entity: &Entity, servers: &[Server], follower: &Follower) -> Result<Self, DecodeError> {
        let id = follower.id.clone().ok_or(DecodeError::Missing("id"))?;
        let credentials = follower.credentials()?;
        Ok(Self::new(entity.clone(), servers.to_vec(), id, credentials))
    }

    /// A session that signs as the follower: to read what is shared with it, and to read, change and
    /// delete its own record.
    pub fn session(&self, seed: Seed) -> Session {
        Session::new(
            self.entity.clone(),
            self.servers.clone(),
            self.credentials.clone(),
            seed,
        )
    }
}
