//! `HEAD /posts`

use bytes::Bytes;
use http::{Method, Response};
use tent_flow::Request;

use super::{Access, Call, ListPosts, Replay, count, request};
use crate::json::DecodeError;
use crate::{BuildError, Server};

/// `HEAD /posts`: counts the posts of a list, whatever its pages hold. Since v0.2.
///
/// With the scope `read_posts` the reference server counts the person's own posts only, although its
/// list has those of others too.
///
/// Source: tent.io 0.2, app-server; `docs/protocol.md` §6.0.2.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct CountPosts {
    /// The list to count.
    pub list: ListPosts,
}

impl CountPosts {
    /// Counts the posts of this list.
    pub const fn new(list: ListPosts) -> Self {
        Self { list }
    }
}

impl Call for CountPosts {
    type Answer = u64;

    fn access(&self) -> Access {
        Access::Optional
    }

    fn replay(&self) -> Replay {
        Replay::Always
    }

    fn request(&self, server: &Server) -> Result<Request, BuildError> {
        let url = self.list.query.append_to(server.endpoint("posts")).url()?;
        Ok(request(Method::HEAD, url))
    }

    fn answer(&self, _: &Server, answer: Response<Bytes>) -> Result<u64, DecodeError> {
        count(&answer)
    }
}
