//! `PATCH /following/:id`

use bytes::Bytes;
use http::{Method, Response};
use tent_flow::Request;

use super::{accepting, with_json};
use crate::call::{Access, Call, Receive, ReceiveError, Received, Replay};
use crate::draft::model::Following;
use crate::json::{DecodeError, decode};
use crate::{BuildError, FollowingId, Server};

/// `PATCH /following/:id`: changes which groups a following is in. All groups are sent.
///
/// Source: `docs/protocol.md` §8.2.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UpdateFollowing {
    /// Which following.
    pub id: FollowingId,
    /// What it shall be, without its id.
    pub following: Following,
}

impl UpdateFollowing {
    /// Changes this following.
    pub fn new(id: impl Into<FollowingId>, following: Following) -> Self {
        Self {
            id: id.into(),
            following,
        }
    }
}

impl Call for UpdateFollowing {
    type Answer = Following;

    fn access(&self) -> Access {
        Access::Signed
    }

    fn replay(&self) -> Replay {
        Replay::Always
    }

    fn request(&self, server: &Server) -> Result<Request, BuildError> {
        let url = server
            .endpoint("following")
            .segment(self.id.as_str())
            .url()?;
        Ok(accepting(with_json(Method::PATCH, url, &self.following)?))
    }

    fn answer(&self, _: &Server, answer: Response<Bytes>) -> Result<Following, DecodeError> {
        decode(answer.body())
    }
}

impl Receive for UpdateFollowing {
    fn receive(request: &Received<'_>) -> Result<Self, ReceiveError> {
        let [id] = request.matching(&Method::PATCH, "following/:id")?;
        Ok(Self::new(id, request.json()?))
    }
}
