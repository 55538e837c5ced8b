//! `DELETE /following/:id`

use bytes::Bytes;
use http::{Method, Response};
use tent_flow::Request;

use crate::call::{Access, Call, Receive, ReceiveError, Received, Replay};
use crate::json::DecodeError;
use crate::{BuildError, FollowingId, Server};

/// `DELETE /following/:id`: stops following.
///
/// Source: `docs/protocol.md` §8.2.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeleteFollowing {
    /// Which following.
    pub id: FollowingId,
}

impl DeleteFollowing {
    /// Deletes this following.
    pub fn new(id: impl Into<FollowingId>) -> Self {
        Self { id: id.into() }
    }
}

impl Call for DeleteFollowing {
    type Answer = ();

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
        Ok(Request::new(Method::DELETE, url))
    }

    fn answer(&self, _: &Server, _: Response<Bytes>) -> Result<(), DecodeError> {
        Ok(())
    }
}

impl Receive for DeleteFollowing {
    fn receive(request: &Received<'_>) -> Result<Self, ReceiveError> {
        let [id] = request.matching(&Method::DELETE, "following/:id")?;
        Ok(Self::new(id))
    }
}
