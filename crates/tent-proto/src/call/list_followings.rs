//! `GET /followings`

use bytes::Bytes;
use http::{Method, Response};
use tent_flow::Request;

use super::{Access, Call, Replay, asked, request};
use crate::json::{DecodeError, decode_secret};
use crate::list::List;
use crate::model::Following;
use crate::page::{Direction, Page};
use crate::query::Query;
use crate::{BuildError, Entity, FollowingId, Server};

/// `GET /followings`: lists those whom the person follows, newest first, in pages.
///
/// Without the scope `read_followings` the list holds those that are public, with few members.
///
/// Source: tent.io 0.2, app-server; `docs/protocol.md` §6.0.1 and §6.4.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListFollowings {
    pub(super) query: Query,
}

impl ListFollowings {
    /// All that the caller may see.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many a page holds. Servers give 50 unless asked, and some no more.
    #[must_use]
    pub fn limit(self, limit: u32) -> Self {
        self.with("limit", &limit.to_string())
    }

    /// Those strictly newer than this one. The page next to it comes, not the newest.
    #[must_use]
    pub fn since(self, id: &FollowingId) -> Self {
        self.with("since_id", id.as_str())
    }

    /// Those strictly older than this one.
    #[must_use]
    pub fn before(self, id: &FollowingId) -> Self {
        self.with("before_id", id.as_str())
    }

    /// The newest, but none as old as this one. Since v0.2.
    #[must_use]
    pub fn until(self, id: &FollowingId) -> Self {
        self.with("until_id", id.as_str())
    }

    /// The one that is this entity alone.
    #[must_use]
    pub fn entity(self, entity: &Entity) -> Self {
        self.with("entity", entity.as_str())
    }

    fn with(mut self, name: &str, value: &str) -> Self {
        self.query.set(name, value);
        self
    }

    fn beyond(&self, id: &FollowingId, direction: Direction) -> Self {
        let mut list = self.clone();
        list.query.remove_cursors(direction);
        match direction {
            Direction::Older => list.before(id),
            Direction::Newer => list.since(id),
        }
    }
}

impl List for ListFollowings {
    type Item = Following;
    type Key = FollowingId;

    fn key(item: &Following) -> Option<FollowingId> {
        item.id.clone()
    }

    fn goes_forward(&self) -> bool {
        self.query.goes_forward()
    }
}

impl Call for ListFollowings {
    type Answer = Page<Following, Self>;

    fn access(&self) -> Access {
        Access::Optional
    }

    fn replay(&self) -> Replay {
        Replay::Always
    }

    fn request(&self, server: &Server) -> Result<Request, BuildError> {
        let url = self.query.append_to(server.endpoint("followings")).url()?;
        Ok(request(Method::GET, url))
    }

    fn answer(
        &self,
        server: &Server,
        answer: Response<Bytes>,
    ) -> Result<Self::Answer, DecodeError> {
        Page::read(
            decode_secret(answer.body())?,
            answer.headers(),
            || asked(self, server),
            |query| Self { query },
            |item: &Following, direction| Some(self.beyond(item.id.as_ref()?, direction)),
        )
    }
}
