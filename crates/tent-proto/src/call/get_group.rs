//! `GET /groups/:id`

use bytes::Bytes;
use http::{Method, Response};
use tent_flow::Request;

use super::{Access, Call, Receive, ReceiveError, Received, Replay, request};
use crate::json::{DecodeError, decode};
use crate::model::Group;
use crate::{BuildError, GroupId, Server};

/// `GET /groups/:id`: reads a group.
///
/// Needs the scope `read_groups`.
///
/// Source: tent.io 0.2, app-server; `docs/protocol.md` §6.5.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct GetGroup {
    /// Which group.
    pub id: GroupId,
}

impl GetGroup {
    /// Reads this group.
    pub fn new(id: impl Into<GroupId>) -> Self {
        Self { id: id.into() }
    }
}

impl Call for GetGroup {
    type Answer = Group;

    fn access(&self) -> Access {
        Access::Signed
    }

    fn replay(&self) -> Replay {
        Replay::Always
    }

    fn request(&self, server: &Server) -> Result<Request, BuildError> {
        let url = server.endpoint("groups").segment(self.id.as_str()).url()?;
        Ok(request(Method::GET, url))
    }

    fn answer(&self, _: &Server, answer: Response<Bytes>) -> Result<Group, DecodeError> {
        decode(answer.body())
    }
}

impl Receive for GetGroup {
    fn receive(request: &Received<'_>) -> Result<Self, ReceiveError> {
        let [id] = request.matching(&Method::GET, "groups/:id")?;
        Ok(Self::new(id))
    }
}
