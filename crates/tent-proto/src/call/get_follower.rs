//! `GET /followers/:id`

use bytes::Bytes;
use http::{Method, Response};
use tent_flow::Request;

use super::{Access, Call, Replay, request};
use crate::json::{DecodeError, decode_secret};
use crate::model::Follower;
use crate::{BuildError, FollowerId, Server};

/// `GET /followers/:id`: reads one of those who follows the person.
///
/// Source: tent.io 0.2, app-server; `docs/protocol.md` §6.3.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct GetFollower {
    /// Which follower.
    pub id: FollowerId,
}

impl GetFollower {
    /// Reads this follower.
    pub fn new(id: impl Into<FollowerId>) -> Self {
        Self { id: id.into() }
    }
}

impl Call for GetFollower {
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
            .segment(self.id.as_str())
            .url()?;
        Ok(request(Method::GET, url))
    }

    fn answer(&self, _: &Server, answer: Response<Bytes>) -> Result<Follower, DecodeError> {
        decode_secret(answer.body())
    }
}
