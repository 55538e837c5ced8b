//! `GET /posts/:id/mentions`

use bytes::Bytes;
use http::{Method, Response};
use serde::{Deserialize, Serialize};
use tent_flow::Request;

use super::{Access, Call, Receive, ReceiveError, Received, Replay, request};
use crate::json::{DecodeError, decode};
use crate::list::{Key, List};
use crate::model::Mention;
use crate::page::{Direction, Page};
use crate::query::Query;
use crate::{BuildError, Entity, PostId, Server, Timestamp, TypeUri};

/// `GET /posts/:id/mentions`: lists the public posts that mention a post, oldest first, in pages.
/// Since v0.2.
///
/// The links of this list are wrong in the reference server: its `next` runs backwards. So the next
/// page is the one after the last mention, whatever the links say.
///
/// Source: tent.io 0.2, app-server; `docs/protocol.md` §6.6.5.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListMentions {
    #[serde(rename = "mentions_of")]
    post: PostId,
    query: Query,
}

impl ListMentions {
    /// All mentions of this post of the server's own entity.
    pub fn new(post: impl Into<PostId>) -> Self {
        Self {
            post: post.into(),
            query: Query::default(),
        }
    }

    /// How many a page holds.
    #[must_use]
    pub fn limit(self, limit: u32) -> Self {
        self.with("limit", &limit.to_string())
    }

    /// Posts of this type alone; said again, of these types.
    #[must_use]
    pub fn post_type(mut self, post_type: &TypeUri) -> Self {
        self.query.add_with_comma("post_types", post_type.as_str());
        self
    }

    /// Mentions after that of this post.
    #[must_use]
    pub fn since(mut self, entity: Option<&Entity>, id: &PostId) -> Self {
        self.query.set_cursor("since_id", entity, id);
        self
    }

    /// Mentions before that of this post.
    #[must_use]
    pub fn before(mut self, entity: Option<&Entity>, id: &PostId) -> Self {
        self.query.set_cursor("before_id", entity, id);
        self
    }

    /// The oldest mentions, but none as new as that of this post.
    #[must_use]
    pub fn until(mut self, entity: Option<&Entity>, id: &PostId) -> Self {
        self.query.set_cursor("until_id", entity, id);
        self
    }

    /// Which post.
    pub const fn post(&self) -> &PostId {
        &self.post
    }

    fn with(mut self, name: &str, value: &str) -> Self {
        self.query.set(name, value);
        self
    }
}

impl List for ListMentions {
    type Item = Mention;
    const HAS_TIES: bool = true;

    fn query(&self) -> &Query {
        &self.query
    }

    fn bounds(&self, own: &Entity) -> Vec<Key> {
        self.query.bound_posts(own)
    }

    fn with_query(&self, query: Query) -> Self {
        let post = self.post.clone();
        Self { post, query }
    }

    fn key(mention: &Mention) -> Option<Key> {
        let entity = mention.entity.as_ref().map_or("", Entity::as_str);
        Some(Key::of([entity, mention.post.as_ref()?.as_str()]))
    }

    fn time(&self, _: &Mention) -> Option<Timestamp> {
        None
    }

    /// The way back is not known: what servers make of it differs.
    fn beyond(&self, mention: &Mention, direction: Direction) -> Option<Self> {
        let id = mention.post.as_ref()?;
        let entity = mention.entity.as_ref();
        match direction {
            Direction::Older => None,
            Direction::Newer => Some(self.clone().since(entity, id)),
        }
    }

    fn is_oldest_first(&self) -> bool {
        true
    }

    fn goes_forward(&self) -> bool {
        false
    }
}

impl Call for ListMentions {
    type Answer = Page<Mention, Self>;

    fn access(&self) -> Access {
        Access::Optional
    }

    fn replay(&self) -> Replay {
        Replay::Always
    }

    fn request(&self, server: &Server) -> Result<Request, BuildError> {
        let post = server.endpoint("posts").segment(self.post.as_str());
        let url = self.query.append_to(post.segment("mentions")).url()?;
        Ok(request(Method::GET, url))
    }

    fn answer(&self, _: &Server, answer: Response<Bytes>) -> Result<Self::Answer, DecodeError> {
        Ok(Page::without_links(self, decode(answer.body())?))
    }
}

impl Receive for ListMentions {
    fn receive(request: &Received<'_>) -> Result<Self, ReceiveError> {
        const PARAMETERS: [&str; 8] = [
            "limit",
            "post_types",
            "since_id",
            "since_id_entity",
            "before_id",
            "before_id_entity",
            "until_id",
            "until_id_entity",
        ];
        let [post] = request.matching(&Method::GET, "posts/:id/mentions")?;
        let query = Query::receive(request, &PARAMETERS)?;
        let post = post.into();
        Ok(Self { post, query })
    }
}
