//! `DELETE /groups/:id`

use bytes::Bytes;
use http::{Method, Response};
use tent_flow::Request;

use super::{Access, Call, Receive, ReceiveError, Received, Replay, request};
use crate::json::DecodeError;
use crate::{BuildError, GroupId, Server};

/// `DELETE /groups/:id`: deletes a group. Its members stay followers and followings.
///
/// Needs the scope `write_groups`.
///
/// Source: tent.io 0.2, app-server; `docs/protocol.md` §6.5.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeleteGroup {
    /// Which group.
    pub id: GroupId,
}

impl DeleteGroup {
    /// Deletes this group.
    pub fn new(id: impl Into<GroupId>) -> Self {
        Self { id: id.into() }
    }
}

impl Call for DeleteGroup {
    type Answer = ();

    fn access(&self) -> Access {
        Access::Signed
    }

    fn replay(&self) -> Replay {
        Replay::Always
    }

    fn request(&self, server: &Server) -> Result<Request, BuildError> {
        let url = server.endpoint("groups").segment(self.id.as_str()).url()?;
        Ok(request(Method::DELETE, url))
    }

    fn answer(&self, _: &Server, _: Response<Bytes>) -> Result<(), DecodeError> {
        Ok(())
    }
}

impl Receive for DeleteGroup {
    fn receive(request: &Received<'_>) -> Result<Self, ReceiveError> {
        let [id] = request.matching(&Method::DELETE, "groups/:id")?;
        Ok(Self::new(id))
    }
}
