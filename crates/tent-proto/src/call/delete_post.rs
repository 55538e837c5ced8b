//! `DELETE /posts/:id`

use bytes::Bytes;
use http::{Method, Response};
use tent_flow::Request;

use super::{Access, Call, Receive, ReceiveError, Received, Replay, request};
use crate::json::DecodeError;
use crate::{BuildError, PostId, Server};

/// `DELETE /posts/:id`: deletes a post of the person, or one version of it. The last version gone, the
/// post is gone. Recipients are told.
///
/// Needs the scope `write_posts`. Sent twice, the second time is a `404`.
///
/// Source: tent.io 0.2, app-server; `docs/protocol.md` §6.6.3.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeletePost {
    /// Which post.
    pub id: PostId,
    /// Which version, when not all.
    pub version: Option<u64>,
}

impl DeletePost {
    /// Deletes this post.
    pub fn new(id: impl Into<PostId>) -> Self {
        Self {
            id: id.into(),
            version: None,
        }
    }

    /// Deletes one version alone.
    #[must_use]
    pub const fn version(mut self, version: u64) -> Self {
        self.version = Some(version);
        self
    }
}

impl Call for DeletePost {
    type Answer = ();

    fn access(&self) -> Access {
        Access::Signed
    }

    fn replay(&self) -> Replay {
        Replay::Always
    }

    fn request(&self, server: &Server) -> Result<Request, BuildError> {
        let post = server.endpoint("posts").segment(self.id.as_str());
        let url = post.pair_if("version", self.version).url()?;
        Ok(request(Method::DELETE, url))
    }

    fn answer(&self, _: &Server, _: Response<Bytes>) -> Result<(), DecodeError> {
        Ok(())
    }
}

impl Receive for DeletePost {
    fn receive(request: &Received<'_>) -> Result<Self, ReceiveError> {
        let [id] = request.matching(&Method::DELETE, "posts/:id")?;
        Ok(Self {
            id: id.into(),
            version: request.parsed_parameter("version")?,
        })
    }
}
