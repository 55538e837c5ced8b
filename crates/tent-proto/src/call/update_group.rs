//! `PUT /groups/:id`

use bytes::Bytes;
use http::{Method, Response};
use tent_flow::Request;

use super::{Access, Call, Receive, ReceiveError, Received, Replay, request_with_json};
use crate::json::{DecodeError, decode};
use crate::model::Group;
use crate::{BuildError, GroupId, Server};

/// `PUT /groups/:id`: renames a group.
///
/// Needs the scope `write_groups`.
///
/// Source: tent.io 0.2, app-server; `docs/protocol.md` §6.5.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UpdateGroup {
    /// Which group.
    pub id: GroupId,
    /// What it shall be called.
    pub name: String,
}

impl UpdateGroup {
    /// Gives this group a new name.
    pub fn new(id: impl Into<GroupId>, name: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            name: name.into(),
        }
    }
}

impl Call for UpdateGroup {
    type Answer = Group;

    fn access(&self) -> Access {
        Access::Signed
    }

    fn replay(&self) -> Replay {
        Replay::Always
    }

    fn request(&self, server: &Server) -> Result<Request, BuildError> {
        let group = Group {
            name: Some(self.name.clone()),
            ..Group::default()
        };
        let url = server.endpoint("groups").segment(self.id.as_str()).url()?;
        request_with_json(Method::PUT, url, &group)
    }

    fn answer(&self, _: &Server, answer: Response<Bytes>) -> Result<Group, DecodeError> {
        decode(answer.body())
    }
}

impl Receive for UpdateGroup {
    fn receive(request: &Received<'_>) -> Result<Self, ReceiveError> {
        let [id] = request.matching(&Method::PUT, "groups/:id")?;
        let group: Group = request.json()?;
        let name = group.name.filter(|name| !name.is_empty());
        let name = name.ok_or(DecodeError::Missing("name"));
        Ok(Self::new(id, name.map_err(ReceiveError::Body)?))
    }
}
