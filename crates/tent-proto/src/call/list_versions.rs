//! `GET /posts/:id/versions`

use bytes::Bytes;
use http::{Method, Response};
use tent_flow::Request;

use super::{Access, Call, Replay, asked, request};
use crate::json::{DecodeError, decode};
use crate::list::List;
use crate::page::{Direction, Page};
use crate::query::Query;
use crate::{BuildError, Post, PostId, Server};

/// `GET /posts/:id/versions`: lists the versions of a post, highest first, in pages. Each is the
/// whole post as it was. Since v0.2.
///
/// Source: tent.io 0.2, app-server; `docs/protocol.md` §6.6.4.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListVersions {
    post: PostId,
    query: Query,
}

impl ListVersions {
    /// All versions of this post.
    pub fn new(post: impl Into<PostId>) -> Self {
        Self {
            post: post.into(),
            query: Query::default(),
        }
    }

    /// How many a page holds.
    #[must_use]
    pub fn limit(self, limit: u32) -> Self {
        self.with("limit", u64::from(limit))
    }

    /// Versions above this one.
    #[must_use]
    pub fn since(self, version: u64) -> Self {
        self.with("since_version", version)
    }

    /// Versions below this one.
    #[must_use]
    pub fn before(self, version: u64) -> Self {
        self.with("before_version", version)
    }

    /// The highest versions, but none as low as this one.
    #[must_use]
    pub fn until(self, version: u64) -> Self {
        self.with("until_version", version)
    }

    fn with(mut self, name: &str, value: u64) -> Self {
        self.query.set(name, &value.to_string());
        self
    }

    fn beyond(&self, version: u64, direction: Direction) -> Self {
        let mut list = self.clone();
        list.query.remove_cursors(direction);
        match direction {
            Direction::Older => list.before(version),
            Direction::Newer => list.since(version),
        }
    }
}

impl List for ListVersions {
    type Item = Post;
    type Key = u64;

    fn key(post: &Post) -> Option<u64> {
        post.version
    }

    fn goes_forward(&self) -> bool {
        self.query.goes_forward()
    }
}

impl Call for ListVersions {
    type Answer = Page<Post, Self>;

    fn access(&self) -> Access {
        Access::Optional
    }

    fn replay(&self) -> Replay {
        Replay::Always
    }

    fn request(&self, server: &Server) -> Result<Request, BuildError> {
        let post = server.endpoint("posts").segment(self.post.as_str());
        let url = self.query.append_to(post.segment("versions")).url()?;
        Ok(request(Method::GET, url))
    }

    fn answer(
        &self,
        server: &Server,
        answer: Response<Bytes>,
    ) -> Result<Self::Answer, DecodeError> {
        Page::read(
            decode(answer.body())?,
            answer.headers(),
            || asked(self, server),
            |query| Self {
                post: self.post.clone(),
                query,
            },
            |post: &Post, direction| Some(self.beyond(post.version?, direction)),
        )
    }
}
