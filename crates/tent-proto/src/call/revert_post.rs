//! `PUT /posts/:id`

use bytes::Bytes;
use http::{Method, Response};
use tent_flow::Request;

use super::{Access, Call, Replay, request_with_json};
use crate::json::{DecodeError, decode};
use crate::{BuildError, Post, PostId, Server};

/// `PUT /posts/:id` with a version alone: makes a new version of a post that equals an earlier one.
///
/// Needs the scope `write_posts`.
///
/// Source: tent.io 0.2, app-server; `docs/protocol.md` §6.6.3.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RevertPost {
    /// Which post of the person.
    pub id: PostId,
    /// Which version to go back to.
    pub version: u64,
}

impl RevertPost {
    /// Goes back to this version of the post.
    pub fn new(id: impl Into<PostId>, version: u64) -> Self {
        Self {
            id: id.into(),
            version,
        }
    }
}

impl Call for RevertPost {
    type Answer = Post;

    fn access(&self) -> Access {
        Access::Signed
    }

    fn replay(&self) -> Replay {
        Replay::OnlyIfUnsent
    }

    fn request(&self, server: &Server) -> Result<Request, BuildError> {
        let url = server.endpoint("posts").segment(self.id.as_str()).url()?;
        let body = Post {
            version: Some(self.version),
            ..Post::default()
        };
        request_with_json(Method::PUT, url, &body)
    }

    fn answer(&self, _: &Server, answer: Response<Bytes>) -> Result<Post, DecodeError> {
        decode(answer.body())
    }
}
