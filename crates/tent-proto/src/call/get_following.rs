//! `GET /followings/:id`

use bytes::Bytes;
use http::{Method, Response};
use tent_flow::Request;

use super::{Access, Call, Replay, request};
use crate::json::{DecodeError, decode_secret};
use crate::model::Following;
use crate::{BuildError, FollowingId, Server};

/// `GET /followings/:id`: reads one of those whom the person follows.
///
/// Source: tent.io 0.2, app-server; `docs/protocol.md` §6.4.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct GetFollowing {
    /// Which following.
    pub id: FollowingId,
}

impl GetFollowing {
    /// Reads this following.
    pub fn new(id: impl Into<FollowingId>) -> Self {
        Self { id: id.into() }
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
            .url()?;
        Ok(request(Method::GET, url))
    }

    fn answer(&self, _: &Server, answer: Response<Bytes>) -> Result<Following, DecodeError> {
        decode_secret(answer.body())
    }
}
