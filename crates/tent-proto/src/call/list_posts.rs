//! `GET /posts`

use bytes::Bytes;
use http::{Method, Response};
use serde::{Deserialize, Serialize};
use tent_flow::Request;

use super::{Access, Call, Receive, ReceiveError, Received, Replay, request};
use crate::json::{DecodeError, decode};
use crate::list::{Key, List, cursor};
use crate::page::{Direction, Page};
use crate::query::Query;
use crate::{BuildError, Entity, Post, PostId, Server, Timestamp, TypeUri};

/// `GET /posts`: lists posts, newest first, in pages.
///
/// Without a credential the list holds the entity's own public posts; with the scope `read_posts`
/// everything of the granted types, posts of others included.
///
/// Source: tent.io 0.2, app-server; `docs/protocol.md` §6.0.1 and §6.6.2.
///
/// ```
/// use tent_proto::TypeUri;
/// use tent_proto::call::ListPosts;
///
/// let statuses = ListPosts::new().limit(20).post_type(&TypeUri::status());
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListPosts {
    #[serde(rename = "posts")]
    query: Query,
}

/// By which time posts are sorted, and which one `since_time` and `before_time` mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum SortBy {
    /// When the server got them. Pages are consistent this way.
    #[default]
    ReceivedAt,
    /// When their entity says they were published.
    PublishedAt,
    /// When they last changed.
    UpdatedAt,
}

impl ListPosts {
    /// All that the caller may see.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many posts a page holds. Servers give 50 unless asked, and 200 at most.
    #[must_use]
    pub fn limit(self, limit: u32) -> Self {
        self.with("limit", &limit.to_string())
    }

    /// Posts strictly newer than this one. The page next to it comes, not the newest.
    #[must_use]
    pub fn since(self, entity: Option<&Entity>, id: &PostId) -> Self {
        self.cursor("since_id", entity, id)
    }

    /// Posts strictly older than this one.
    #[must_use]
    pub fn before(self, entity: Option<&Entity>, id: &PostId) -> Self {
        self.cursor("before_id", entity, id)
    }

    /// The newest posts, but none as old as this one. Since v0.2.
    #[must_use]
    pub fn until(self, entity: Option<&Entity>, id: &PostId) -> Self {
        self.cursor("until_id", entity, id)
    }

    /// Posts newer than this one: [`since`](Self::since) it. A post that has no id bounds nothing.
    #[must_use]
    pub fn after(self, post: &Post) -> Self {
        match &post.id {
            Some(id) => self.since(post.entity.as_ref(), id),
            None => self,
        }
    }

    /// Posts strictly after this second.
    #[must_use]
    pub fn since_time(self, time: Timestamp) -> Self {
        self.with("since_time", &time.to_string())
    }

    /// Posts strictly before this second.
    #[must_use]
    pub fn before_time(self, time: Timestamp) -> Self {
        self.with("before_time", &time.to_string())
    }

    /// Posts from the first of these seconds on, and before the second of them.
    #[must_use]
    pub fn between(self, from: Timestamp, to: Timestamp) -> Self {
        let before = from.epoch_seconds().saturating_sub(1);
        self.since_time(Timestamp::from_epoch_seconds(before))
            .before_time(to)
    }

    /// Which time counts. Since v0.2.
    #[must_use]
    pub fn sort_by(self, column: SortBy) -> Self {
        let name = match column {
            SortBy::ReceivedAt => "received_at",
            SortBy::PublishedAt => "published_at",
            SortBy::UpdatedAt => "updated_at",
        };
        self.with("sort_by", name)
    }

    /// Posts of this entity alone; said again, of these entities.
    #[must_use]
    pub fn entity(mut self, entity: &Entity) -> Self {
        self.query.add_to_list("entity", entity.as_str());
        self
    }

    /// Posts that mention this entity.
    #[must_use]
    pub fn mentioning(self, entity: &Entity) -> Self {
        self.with("mentioned_entity", entity.as_str())
    }

    /// Posts that mention this post of this entity, which are the replies to it.
    #[must_use]
    pub fn mentioning_post(self, entity: &Entity, post: &PostId) -> Self {
        self.mentioning(entity)
            .with("mentioned_post", post.as_str())
    }

    /// Posts of this type alone; said again, of these types. Versions do not count.
    #[must_use]
    pub fn post_type(mut self, post_type: &TypeUri) -> Self {
        self.query.add_with_comma("post_types", post_type.as_str());
        self
    }

    /// The oldest posts first. Servers need not know this.
    #[must_use]
    pub fn oldest_first(self) -> Self {
        self.with("order", "asc")
    }

    /// The person's own posts alone, where the scope `read_posts` shows others too. Servers need not
    /// know this.
    #[must_use]
    pub fn original(self) -> Self {
        self.with("original", "true")
    }

    /// A part of each post (`docs/protocol.md` §7.4.3).
    #[must_use]
    pub fn view(self, name: &str) -> Self {
        self.with("view", name)
    }

    fn with(mut self, name: &str, value: &str) -> Self {
        self.query.set(name, value);
        self
    }

    fn cursor(mut self, name: &str, entity: Option<&Entity>, id: &PostId) -> Self {
        self.query.set_cursor(name, entity, id);
        self
    }
}

impl List for ListPosts {
    type Item = Post;
    const HAS_TIES: bool = true;

    fn query(&self) -> &Query {
        &self.query
    }

    fn bounds(&self, own: &Entity) -> Vec<Key> {
        self.query.bound_posts(own)
    }

    fn with_query(&self, query: Query) -> Self {
        Self { query }
    }

    fn key(post: &Post) -> Option<Key> {
        let entity = post.entity.as_ref().map_or("", Entity::as_str);
        Some(Key::of([entity, post.id.as_ref()?.as_str()]))
    }

    fn time(&self, post: &Post) -> Option<Timestamp> {
        match self.query.sort_by() {
            SortBy::ReceivedAt => post.received_at,
            SortBy::PublishedAt => post.published_at,
            SortBy::UpdatedAt => post.updated_at,
        }
    }

    fn beyond(&self, post: &Post, direction: Direction) -> Option<Self> {
        let mut query = self.query.clone();
        query.remove_cursors(direction);
        query.set_cursor(cursor(direction), post.entity.as_ref(), post.id.as_ref()?);
        Some(Self { query })
    }
}

impl Call for ListPosts {
    type Answer = Page<Post, Self>;

    fn access(&self) -> Access {
        Access::Optional
    }

    fn replay(&self) -> Replay {
        Replay::Always
    }

    fn request(&self, server: &Server) -> Result<Request, BuildError> {
        let url = self.query.append_to(server.endpoint("posts")).url()?;
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

impl Receive for ListPosts {
    fn receive(request: &Received<'_>) -> Result<Self, ReceiveError> {
        const PARAMETERS: [&str; 17] = [
            "limit",
            "since_id",
            "since_id_entity",
            "before_id",
            "before_id_entity",
            "until_id",
            "until_id_entity",
            "since_time",
            "before_time",
            "sort_by",
            "order",
            "entity",
            "mentioned_entity",
            "mentioned_post",
            "post_types",
            "view",
            "original",
        ];
        let [] = request.matching(&Method::GET, "posts")?;
        let query = Query::receive(request, &PARAMETERS)?;
        Ok(Self { query })
    }
}
