//! `PUT /posts/:id`

use bytes::Bytes;
use http::{Method, Response};
use tent_flow::Request;

use super::{Access, Call, Receive, ReceiveError, Received, Replay, request_with_json};
use crate::json::{DecodeError, decode};
use crate::{BuildError, Post, PostId, Server};

/// `PUT /posts/:id` with a version alone: makes a new version of a post that equals an earlier one.
///
/// Needs the scope `write_posts`. It is never sent again when it might have been received, since that
/// would make two versions. A version that there is not is a `404`.
///
/// Source: tent.io 0.2, app-server; `docs/protocol.md` §6.6.3.
#[derive(Debug, Clone, PartialEq, Eq)]
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

    /// The version that a body names alone, as it must to be this call.
    pub(super) fn version_of(body: &Post) -> Option<u64> {
        let alone = Post {
            version: body.version,
            ..Post::default()
        };
        body.version.filter(|_| *body == alone)
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

/// A version along with anything else is an [`UpdatePost`](super::UpdatePost).
impl Receive for RevertPost {
    fn receive(request: &Received<'_>) -> Result<Self, ReceiveError> {
        let [id] = request.matching(&Method::PUT, "posts/:id")?;
        let version = Self::version_of(&request.json()?);
        let version = version.ok_or(ReceiveError::OtherCall)?;
        Ok(Self::new(id, version))
    }
}
