//! `GET /posts/:id`

use bytes::Bytes;
use http::{Method, Response};
use tent_flow::Request;

use super::{Fetch, accepting, escaped};
use crate::call::{Access, Call, Receive, ReceiveError, Received, Replay};
use crate::draft::model::Post;
use crate::json::{DecodeError, decode};
use crate::{BuildError, PostId, Server};

/// `GET /posts/:id`: reads a post, from the person's own server or by it from another.
///
/// Source: `docs/protocol.md` §8.2.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct GetPost {
    /// Which post.
    pub id: PostId,
    /// Whose post, a host name, when another entity gave the id.
    pub entity: Option<String>,
    /// Whether that entity's server is asked.
    pub fetch: Option<Fetch>,
}

impl GetPost {
    /// Reads this post.
    pub fn new(id: impl Into<PostId>) -> Self {
        Self {
            id: id.into(),
            entity: None,
            fetch: None,
        }
    }

    /// Of another entity, a host name.
    #[must_use]
    pub fn of(mut self, entity: impl Into<String>) -> Self {
        self.entity = Some(entity.into());
        self
    }

    /// Says whether that entity's server is asked.
    #[must_use]
    pub const fn fetch(mut self, fetch: Fetch) -> Self {
        self.fetch = Some(fetch);
        self
    }
}

impl Call for GetPost {
    type Answer = Post;

    fn access(&self) -> Access {
        Access::Signed
    }

    fn replay(&self) -> Replay {
        Replay::Always
    }

    fn request(&self, server: &Server) -> Result<Request, BuildError> {
        let mut post = server.endpoint("posts").segment(self.id.as_str());
        if let Some(entity) = &self.entity {
            post = post.encoded_pair("entity", &escaped(entity));
        }
        let url = post.pair_if("fetch", self.fetch).url()?;
        Ok(accepting(Request::new(Method::GET, url)))
    }

    fn answer(&self, _: &Server, answer: Response<Bytes>) -> Result<Post, DecodeError> {
        decode(answer.body())
    }
}

impl Receive for GetPost {
    fn receive(request: &Received<'_>) -> Result<Self, ReceiveError> {
        let [id] = request.matching(&Method::GET, "posts/:id")?;
        Ok(Self {
            id: id.into(),
            entity: request.parameter("entity").map(str::to_owned),
            fetch: request.parsed_parameter("fetch")?,
        })
    }
}
