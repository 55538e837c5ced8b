//! `HEAD /groups`

use bytes::Bytes;
use http::{Method, Response};
use tent_flow::Request;

use super::{Access, Call, Replay, count, request};
use crate::json::DecodeError;
use crate::{BuildError, Server};

/// `HEAD /groups`: counts the groups of the person, whatever a page holds. Since v0.2.
///
/// Source: tent.io 0.2, app-server; `docs/protocol.md` §6.0.2.
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct CountGroups;

impl Call for CountGroups {
    type Answer = u64;

    fn access(&self) -> Access {
        Access::Signed
    }

    fn replay(&self) -> Replay {
        Replay::Always
    }

    fn request(&self, server: &Server) -> Result<Request, BuildError> {
        let url = server.endpoint("groups").url()?;
        Ok(request(Method::HEAD, url))
    }

    fn answer(&self, _: &Server, answer: Response<Bytes>) -> Result<u64, DecodeError> {
        count(&answer)
    }
}
