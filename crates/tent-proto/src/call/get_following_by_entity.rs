//! `GET /followings/:entity`

use bytes::Bytes;
use http::{Method, Response};
use tent_flow::Request;

use super::{
    Access, Call, Receive, ReceiveError, Received, Replay, last_segment_of_location, names_entity,
    request, wants_secrets,
};
use crate::json::{DecodeError, decode_secret};
use crate::model::Following;
use crate::{BuildError, Entity, Server};

/// `GET /followings/:entity`: reads the following that is this entity. Since v0.2.
///
/// Old servers answered with an object whose members are all `null`; the id is then taken from the
/// `Content-Location` of the answer, and the rest stays absent.
/// [`Session::find_following`](crate::Session::find_following) goes on to get the rest.
///
/// Source: tent.io 0.2, app-server; `docs/protocol.md` §6.4.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct GetFollowingByEntity {
    /// Who it is.
    pub entity: Entity,
    /// Whether its credential shall come too, which needs the scope `read_secrets`.
    pub secrets: bool,
}

impl GetFollowingByEntity {
    /// Reads the following that is this entity.
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

impl Call for GetFollowingByEntity {
    type Answer = Following;

    fn access(&self) -> Access {
        Access::Optional
    }

    fn replay(&self) -> Replay {
        Replay::Always
    }

    fn request(&self, server: &Server) -> Result<Request, BuildError> {
        let url = server
            .endpoint("followings")
            .segment(self.entity.as_str())
            .pair_if("secrets", self.secrets.then_some(true))
            .url()?;
        Ok(request(Method::GET, url))
    }

    fn answer(&self, _: &Server, answer: Response<Bytes>) -> Result<Following, DecodeError> {
        let mut found: Following = decode_secret(answer.body())?;
        if found.id.is_none() {
            found.id = last_segment_of_location(&answer).map(Into::into);
        }
        Ok(found)
    }
}

impl Receive for GetFollowingByEntity {
    fn receive(request: &Received<'_>) -> Result<Self, ReceiveError> {
        let [entity] = request.matching(&Method::GET, "followings/:entity")?;
        if !names_entity(entity) {
            return Err(ReceiveError::OtherCall);
        }
        Ok(Self {
            entity: Received::segment(entity)?,
            secrets: wants_secrets(request),
        })
    }
}
