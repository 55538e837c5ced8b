//! `GET /posts/:id/versions`

use std::fmt;

use bytes::Bytes;
use http::{Method, Response};
use serde::{Deserialize, Serialize};
use tent_flow::Request;

use super::{Access, Call, Receive, ReceiveError, Received, Replay, request};
use crate::json::{DecodeError, decode};
use crate::list::{Key, List};
use crate::page::{Direction, Page};
use crate::query::Query;
use crate::{BuildError, Post, PostId, Server, Timestamp};

/// `GET /posts/:id/versions`: lists the versions of a post, highest first, in pages. Each is the
/// whole post as it was. Since v0.2.
///
/// Source: tent.io 0.2, app-server; `docs/protocol.md` §6.6.4.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListVersions {
    #[serde(rename = "versions_of")]
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
        self.with("limit", limit)
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

    /// The lowest first. Servers need not know this.
    #[must_use]
    pub fn lowest_first(self) -> Self {
        self.with("order", "asc")
    }

    /// Which post.
    pub const fn post(&self) -> &PostId {
        &self.post
    }

    fn with(mut self, name: &str, value: impl fmt::Display) -> Self {
        self.query.set(name, &value.to_string());
        self
    }
}

impl List for ListVersions {
    type Item = Post;
    const HAS_TIES: bool = false;

    fn query(&self) -> &Query {
        &self.query
    }

    fn with_query(&self, query: Query) -> Self {
        let post = self.post.clone();
        Self { post, query }
    }

    fn key(post: &Post) -> Option<Key> {
        Some(Key::of([post.version?.to_string().as_str()]))
    }

    fn time(&self, _: &Post) -> Option<Timestamp> {
        None
    }

    fn beyond(&self, post: &Post, direction: Direction) -> Option<Self> {
        let version = post.version?;
        if direction == Direction::Older && version <= 1 {
            return None; // the first version is the end
        }
        let mut list = self.clone();
        list.query.remove_cursors(direction);
        Some(match direction {
            Direction::Older => list.before(version),
            Direction::Newer => list.since(version),
        })
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
        let items = decode(answer.body())?;
        Page::read(self, server, answer.headers(), items)
    }
}

impl Receive for ListVersions {
    fn receive(request: &Received<'_>) -> Result<Self, ReceiveError> {
        const PARAMETERS: [&str; 5] = [
            "limit",
            "since_version",
            "before_version",
            "until_version",
            "order",
        ];
        let [post] = request.matching(&Method::GET, "posts/:id/versions")?;
        let query = Query::receive(request, &PARAMETERS)?;
        let post = post.into();
        Ok(Self { post, query })
    }
}
