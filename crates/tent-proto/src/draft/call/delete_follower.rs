//! `DELETE /followers/:id`

use bytes::Bytes;
use http::{Method, Response};
use tent_flow::Request;

use crate::call::{Access, Call, Receive, ReceiveError, Received, Replay};
use crate::json::DecodeError;
use crate::{BuildError, FollowerId, Server};

/// `DELETE /followers/:id`: blocks a follower: it gets no more notifications.
///
/// Source: `docs/protocol.md` §8.2.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeleteFollower {
    /// Which follower.
    pub id: FollowerId,
}

impl DeleteFollower {
    /// Blocks this follower.
    pub fn new(id: impl Into<FollowerId>) -> Self {
        Self { id: id.into() }
    }
}

impl Call for DeleteFollower {
    type Answer = ();

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
        Ok(Request::new(Method::DELETE, url))
    }

    fn answer(&self, _: &Server, _: Response<Bytes>) -> Result<(), DecodeError> {
        Ok(())
    }
}

impl Receive for DeleteFollower {
    fn receive(request: &Received<'_>) -> Result<Self, ReceiveError> {
        let [id] = request.matching(&Method::DELETE, "followers/:id")?;
        Ok(Self::new(id))
    }
}
