//! `PUT /followings/:id`

use bytes::Bytes;
use http::{Method, Response};
use tent_flow::Request;

use super::{Access, Call, Receive, ReceiveError, Received, Replay, request_with_json};
use crate::json::{DecodeError, decode_secret};
use crate::model::Following;
use crate::{BuildError, FollowingId, Server};

/// `PUT /followings/:id`: changes a following: its groups, and who may see it. Members that
/// are given replace what was there.
///
/// The reference server takes no groups at all for no change.
///
/// Needs the scope `write_followings`, and for the `mac_*` members `write_secrets` too.
///
/// Source: tent.io 0.2, app-server; `docs/protocol.md` §6.4.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UpdateFollowing {
    /// Which following.
    pub id: FollowingId,
    /// The members that shall change.
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
            .endpoint("followings")
            .segment(self.id.as_str())
            .url()?;
        request_with_json(Method::PUT, url, &self.following)
    }

    fn answer(&self, _: &Server, answer: Response<Bytes>) -> Result<Following, DecodeError> {
        decode_secret(answer.body())
    }
}

impl Receive for UpdateFollowing {
    fn receive(request: &Received<'_>) -> Result<Self, ReceiveError> {
        let [id] = request.matching(&Method::PUT, "followings/:id")?;
        Ok(Self::new(id, request.secret_json()?))
    }
}
