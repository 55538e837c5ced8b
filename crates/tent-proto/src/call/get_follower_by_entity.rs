//! `GET /followers/:entity`

use bytes::Bytes;
use http::{Method, Response};
use tent_flow::Request;

use super::{
    Access, Call, Receive, ReceiveError, Received, Replay, last_segment_of_location, names_entity,
    request, wants_secrets,
};
use crate::json::{DecodeError, decode_secret};
use crate::model::Follower;
use crate::{BuildError, Entity, Server};

/// `GET /followers/:entity`: reads the follower that is this entity. Since v0.2.
///
/// Old servers answered with an object whose members are all `null`; the id is then taken from the
/// `Content-Location` of the answer, and the rest stays absent.
/// [`Session::find_follower`](crate::Session::find_follower) goes on to get the rest.
///
/// Source: tent.io 0.2, app-server; `docs/protocol.md` §6.3.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct GetFollowerByEntity {
    /// Who it is.
    pub entity: Entity,
    /// Whether its credential shall come too, which needs the scope `read_secrets`.
    pub secrets: bool,
}

impl GetFollowerByEntity {
    /// Reads the follower that is this entity.
    pub const fn new(entity: Entity) -> Self {
        Self {
            entity,
            secrets: false,
        }
    }

    /// Asks for its credential too.
    #[must_use]
    pub const fn with_secrets(mut self) -> Self {
        self.secrets = true;
        self
    }
}

impl Call for GetFollowerByEntity {
    type Answer = Follower;

    fn access(&self) -> Access {
        Access::Optional
    }

    fn replay(&self) -> Replay {
        Replay::Always
    }

    fn request(&self, server: &Server) -> Result<Request, BuildError> {
        let url = server
            .endpoint("followers")
            .segment(self.entity.as_str())
            .pair_if("secrets", self.secrets.then_some(true))
            .url()?;
        Ok(request(Method::GET, url))
    }

    fn answer(&self, _: &Server, answer: Response<Bytes>) -> Result<Follower, DecodeError> {
        let mut found: Follower = decode_secret(answer.body())?;
        if found.id.is_none() {
            found.id = last_segment_of_location(&answer).map(Into::into);
        }
        Ok(found)
    }
}

impl Receive for GetFollowerByEntity {
    fn receive(request: &Received<'_>) -> Result<Self, ReceiveError> {
        let [entity] = request.matching(&Method::GET, "followers/:entity")?;
        if !names_entity(entity) {
            return Err(ReceiveError::OtherCall);
        }
        Ok(Self {
            entity: Received::segment(entity)?,
            secrets: wants_secrets(request),
        })
    }
}
