//! `HEAD /followers`

use bytes::Bytes;
use http::{Method, Response};
use tent_flow::Request;

use super::{Access, Call, ListFollowers, Replay, count, request};
use crate::json::DecodeError;
use crate::{BuildError, Server};

/// `HEAD /followers`: counts those who follow the person, whatever a page holds. Since v0.2.
///
/// Source: tent.io 0.2, app-server; `docs/protocol.md` §6.0.2.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct CountFollowers {
    /// The list to count.
    pub list: ListFollowers,
}

impl CountFollowers {
    /// Counts what this list holds.
    pub const fn new(list: ListFollowers) -> Self {
        Self { list }
    }
}

impl Call for CountFollowers {
    type Answer = u64;

    fn access(&self) -> Access {
        Access::Optional
    }

    fn replay(&self) -> Replay {
        Replay::Always
    }

    fn request(&self, server: &Server) -> Result<Request, BuildError> {
        let url = self
            .list
            .query
            .append_to(server.endpoint("followers"))
            .url()?;
        Ok(request(Method::HEAD, url))
    }

    fn answer(&self, _: &Server, answer: Response<Bytes>) -> Result<u64, DecodeError> {
        count(&answer)
    }
}
