//! `PUT /followers/:id`

use bytes::Bytes;
use http::{Method, Response};
use tent_flow::Request;

use super::{Access, Call, Receive, ReceiveError, Received, Replay, request_with_json};
use crate::json::{DecodeError, decode_secret};
use crate::model::Follower;
use crate::{BuildError, FollowerId, Server};

/// `PUT /followers/:id`: changes a follower: its groups, and who may see it. Members that are given
/// replace what was there.
///
/// A follower changes its own `types` and `licenses` so, signed with
/// [its credential](crate::follow::Followed). Else it needs the scope `write_followers`, and for the
/// `mac_*` members `write_secrets` too.
///
/// Source: tent.io 0.2, app-server; `docs/protocol.md` §6.3.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UpdateFollower {
    /// Which follower.
    pub id: FollowerId,
    /// The members that shall change.
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
        request_with_json(Method::PUT, url, &self.follower)
    }

    fn answer(&self, _: &Server, answer: Response<Bytes>) -> Result<Follower, DecodeError> {
        decode_secret(answer.body())
    }
}

impl Receive for UpdateFollower {
    fn receive(request: &Received<'_>) -> Result<Self, ReceiveError> {
        let [id] = request.matching(&Method::PUT, "followers/:id")?;
        Ok(Self::new(id, request.secret_json()?))
    }
}
