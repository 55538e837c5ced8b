//! `PATCH /followers/:id`

use bytes::Bytes;
use http::{Method, Response};
use tent_flow::Request;

use super::{accepting, with_json};
use crate::call::{Access, Call, Receive, ReceiveError, Received, Replay};
use crate::draft::model::Follower;
use crate::json::{DecodeError, decode};
use crate::{BuildError, FollowerId, Server};

/// `PATCH /followers/:id`: changes a follower: its groups and its names. All members are sent.
///
/// Source: `docs/protocol.md` §8.2.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UpdateFollower {
    /// Which follower.
    pub id: FollowerId,
    /// What it shall be, without its id.
    pub follower: Follower,
}

impl UpdateFollower {
    /// Changes this follower.
    pub fn new(id: impl Into<FollowerId>, follower: Follower) -> Self {
        Self {
            id: id.into(),
            follower,
        }
    }
}

impl Call for UpdateFollower {
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
        Ok(accepting(with_json(Method::PATCH, url, &self.follower)?))
    }

    fn answer(&self, _: &Server, answer: Response<Bytes>) -> Result<Follower, DecodeError> {
        decode(answer.body())
    }
}

impl Receive for UpdateFollower {
    fn receive(request: &Received<'_>) -> Result<Self, ReceiveError> {
        let [id] = request.matching(&Method::PATCH, "followers/:id")?;
        Ok(Self::new(id, request.json()?))
    }
}
