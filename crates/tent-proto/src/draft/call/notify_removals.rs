//! `DELETE /notifications`

use bytes::Bytes;
use http::{Method, Response};
use tent_flow::Request;

use super::with_json;
use crate::call::{Access, Call, Receive, ReceiveError, Received, Replay};
use crate::draft::model::Removed;
use crate::json::DecodeError;
use crate::{BuildError, Server};

/// `DELETE /notifications`: a server tells a follower or an app that followings or followers are no
/// more. That it has a body is all that is said of it; this one is a list.
///
/// Source: `docs/protocol.md` §8.7.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct NotifyRemovals {
    /// What has ended.
    pub removed: Vec<Removed>,
}

impl NotifyRemovals {
    /// Tells of these.
    pub const fn new(removed: Vec<Removed>) -> Self {
        Self { removed }
    }
}

impl Call for NotifyRemovals {
    type Answer = ();

    fn access(&self) -> Access {
        Access::Signed
    }

    fn replay(&self) -> Replay {
        Replay::Always
    }

    fn request(&self, server: &Server) -> Result<Request, BuildError> {
        let url = server.endpoint("notifications").url()?;
        with_json(Method::DELETE, url, &self.removed)
    }

    fn answer(&self, _: &Server, _: Response<Bytes>) -> Result<(), DecodeError> {
        Ok(())
    }
}

impl Receive for NotifyRemovals {
    fn receive(request: &Received<'_>) -> Result<Self, ReceiveError> {
        let [] = request.matching(&Method::DELETE, "notifications")?;
        Ok(Self::new(request.json_list()?))
    }
}
