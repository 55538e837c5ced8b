//! `GET /groups`

use bytes::Bytes;
use http::{Method, Response};
use tent_flow::Request;

use super::{Access, Call, Replay, request};
use crate::json::{DecodeError, decode};
use crate::model::Group;
use crate::{BuildError, Server};

/// `GET /groups`: lists the groups of the person, newest first. Nobody may read them without the
/// scope `read_groups`.
///
/// Source: tent.io 0.2, app-server; `docs/protocol.md` §6.5.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct ListGroups {
    /// How many at most.
    pub limit: Option<u32>,
}

impl ListGroups {
    /// Lists this many groups at most.
    pub const fn with_limit(limit: u32) -> Self {
        Self { limit: Some(limit) }
    }
}

impl Call for ListGroups {
    type Answer = Vec<Group>;

    fn access(&self) -> Access {
        Access::Signed
    }

    fn replay(&self) -> Replay {
        Replay::Always
    }

    fn request(&self, server: &Server) -> Result<Request, BuildError> {
        let groups = server.endpoint("groups").pair_if("limit", self.limit);
        Ok(request(Method::GET, groups.url()?))
    }

    fn answer(&self, _: &Server, answer: Response<Bytes>) -> Result<Vec<Group>, DecodeError> {
        decode(answer.body())
    }
}
