//! `POST /groups`

use bytes::Bytes;
use http::{Method, Response};
use tent_flow::Request;

use super::{Access, Call, Receive, ReceiveError, Received, Replay, request_with_json};
use crate::json::{DecodeError, decode};
use crate::model::Group;
use crate::{BuildError, GroupId, Server};

/// `POST /groups`: creates a group. The answer is the group with its id.
///
/// Of an id that exists already the answer is the group that has it, as it is. Without one, doing it
/// twice makes two groups, so the call is sent again only when it cannot have been received.
///
/// Needs the scope `write_groups`.
///
/// Source: tent.io 0.2, app-server; `docs/protocol.md` §6.5.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CreateGroup {
    /// What its id shall be. Servers give it one otherwise.
    pub id: Option<GroupId>,
    /// What it is called.
    pub name: String,
}

impl CreateGroup {
    /// Creates a group of this name.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            id: None,
            name: name.into(),
        }
    }

    /// Chooses its id, as one does who moves groups from one server to another.
    #[must_use]
    pub fn with_id(mut self, id: impl Into<GroupId>) -> Self {
        self.id = Some(id.into());
        self
    }
}

impl Call for CreateGroup {
    type Answer = Group;

    fn access(&self) -> Access {
        Access::Signed
    }

    fn replay(&self) -> Replay {
        match self.id {
            Some(_) => Replay::Always,
            None => Replay::OnlyIfUnsent,
        }
    }

    fn request(&self, server: &Server) -> Result<Request, BuildError> {
        let group = Group {
            id: self.id.clone(),
            name: Some(self.name.clone()),
            ..Group::default()
        };
        request_with_json(Method::POST, server.endpoint("groups").url()?, &group)
    }

    fn answer(&self, _: &Server, answer: Response<Bytes>) -> Result<Group, DecodeError> {
        decode(answer.body())
    }
}

impl Receive for CreateGroup {
    fn receive(request: &Received<'_>) -> Result<Self, ReceiveError> {
        let [] = request.matching(&Method::POST, "groups")?;
        let Group { id, name, .. } = request.json()?;
        let name = name.filter(|name| !name.is_empty());
        let name = name.ok_or(DecodeError::Missing("name"));
        let name = name.map_err(ReceiveError::Body)?;
        let id = id.filter(|id| !id.as_str().is_empty());
        Ok(Self { id, name })
    }
}
