//! `GET /followers/:id`

use bytes::Bytes;
use http::{Method, Response};
use tent_flow::Request;

use super::accepting;
use crate::call::{Access, Call, Receive, ReceiveError, Received, Replay};
use crate::draft::model::Follower;
use crate::json::{DecodeError, decode};
use crate::{BuildError, FollowerId, Server};

/// `GET /followers/:id`: reads one of those who follow the person.
///
/// Source: `docs/protocol.md` §8.2.
#[derive(Debug, Clone, PartialEq, Eq)]
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
        Access::Signed
    }

    fn replay(&self) -> Replay {
        Replay::Always
    }

    fn request(&self, server: &Server) -> Result<Request, BuildError> {
        let url = server
            .endpoint("followers")
            .segment(self.id.as_str())
            .url()?;
        Ok(accepting(Request::new(Method::GET, url)))
    }

    fn answer(&self, _: &Server, answer: Response<Bytes>) -> Result<Follower, DecodeError> {
        decode(answer.body())
    }
}

impl Receive for GetFollower {
    fn receive(request: &Received<'_>) -> Result<Self, ReceiveError> {
        let [id] = request.matching(&Method::GET, "followers/:id")?;
        Ok(Self::new(id))
    }
}
