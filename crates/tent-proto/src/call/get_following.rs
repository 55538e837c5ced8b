//! `GET /followings/:id`

use bytes::Bytes;
use http::{Method, Response};
use tent_flow::Request;

use super::{
    Access, Call, Receive, ReceiveError, Received, Replay, names_entity, request, wants_secrets,
};
use crate::json::{DecodeError, decode_secret};
use crate::model::Following;
use crate::{BuildError, FollowingId, Server};

/// `GET /followings/:id`: reads one of those whom the person follows.
///
/// Source: tent.io 0.2, app-server; `docs/protocol.md` §6.4.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct GetFollowing {
    /// Which following.
    pub id: FollowingId,
    /// Whether its credential shall come too, which needs the scope `read_secrets`.
    pub secrets: bool,
}

impl GetFollowing {
    /// Reads this following.
    pub fn new(id: impl Into<FollowingId>) -> Self {
        Self {
            id: id.into(),
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

impl Call for GetFollowing {
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
            .segment(self.id.as_str())
            .pair_if("secrets", self.secrets.then_some(true))
            .url()?;
        Ok(request(Method::GET, url))
    }

    fn answer(&self, _: &Server, answer: Response<Bytes>) -> Result<Following, DecodeError> {
        decode_secret(answer.body())
    }
}

impl Receive for GetFollowing {
    fn receive(request: &Received<'_>) -> Result<Self, ReceiveError> {
        let [id] = request.matching(&Method::GET, "followings/:id")?;
        if names_entity(id) {
            return Err(ReceiveError::OtherCall);
        }
        Ok(Self {
            id: id.into(),
            secrets: wants_secrets(request),
        })
    }
}
