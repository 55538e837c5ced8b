//! `POST /groups`

use bytes::Bytes;
use http::{Method, Response};
use tent_flow::Request;

use super::{Access, Call, Replay, request_with_json};
use crate::json::{DecodeError, decode};
use crate::model::Group;
use crate::{BuildError, Server};

/// `POST /groups`: creates a group. The answer is the group with its id.
///
/// Needs the scope `write_groups`.
///
/// Source: tent.io 0.2, app-server; `docs/protocol.md` §6.5.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct CreateGroup {
    /// What it is called.
    pub name: String,
}

impl CreateGroup {
    /// Creates a group of this name.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into() }
    }
}

impl Call for CreateGroup {
    type Answer = Group;

    fn access(&self) -> Access {
        Access::Signed
    }

    fn replay(&self) -> Replay {
        Replay::OnlyIfUnsent
    }

    fn request(&self, server: &Server) -> Result<Request, BuildError> {
        let group = Group {
            name: Some(self.name.clone()),
            ..Group::default()
        };
        request_with_json(Method::POST, server.endpoint("groups").url()?, &group)
    }

    fn answer(&self, _: &Server, answer: Response<Bytes>) -> Result<Group, DecodeError> {
        decode(answer.body())
    }
}
