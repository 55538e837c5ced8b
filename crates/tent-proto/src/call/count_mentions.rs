//! `HEAD /posts/:id/mentions`

use bytes::Bytes;
use http::{Method, Response};
use tent_flow::Request;

use super::{Access, Call, Replay, count, request};
use crate::json::DecodeError;
use crate::{BuildError, PostId, Server};

/// `HEAD /posts/:id/mentions`: counts the public posts that mention a post, whatever a page holds. Since v0.2.
///
/// Source: tent.io 0.2, app-server; `docs/protocol.md` §6.0.2.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct CountMentions {
    /// Which post.
    pub post: PostId,
}

impl CountMentions {
    /// Counts those of this post.
    pub fn new(post: impl Into<PostId>) -> Self {
        Self { post: post.into() }
    }
}

impl Call for CountMentions {
    type Answer = u64;

    fn access(&self) -> Access {
        Access::Optional
    }

    fn replay(&self) -> Replay {
        Replay::Always
    }

    fn request(&self, server: &Server) -> Result<Request, BuildError> {
        let post = server.endpoint("posts").segment(self.post.as_str());
        let url = post.segment("mentions").url()?;
        Ok(request(Method::HEAD, url))
    }

    fn answer(&self, _: &Server, answer: Response<Bytes>) -> Result<u64, DecodeError> {
        count(&answer)
    }
}
