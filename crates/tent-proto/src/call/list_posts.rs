//! `GET /posts`

use bytes::Bytes;
use http::{Method, Response};
use tent_flow::Request;

use super::{Access, Call, Replay, request};
use crate::json::{DecodeError, decode};
use crate::page::Page;
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
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListPosts {
    pub(crate) query: Query,
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
        self.cursor("since_id", "since_id_entity", entity, id)
    }

    /// Posts strictly older than this one.
    #[must_use]
    pub fn before(self, entity: Option<&Entity>, id: &PostId) -> Self {
        self.cursor("before_id", "before_id_entity", entity, id)
    }

    /// The newest posts, but none as old as this one. Since v0.2.
    #[must_use]
    pub fn until(self, entity: Option<&Entity>, id: &PostId) -> Self {
        self.cursor("until_id", "until_id_entity", entity, id)
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
        let list = match self.query.get("post_types") {
            Some(others) => format!("{others},{post_type}"),
            None => post_type.to_string(),
        };
        self.query.set("post_types", &list);
        self
    }

    fn with(mut self, name: &str, value: &str) -> Self {
        self.query.set(name, value);
        self
    }

    /// A post of another entity is a known cursor only along with that entity.
    fn cursor(mut self, name: &str, of: &str, entity: Option<&Entity>, id: &PostId) -> Self {
        self.query.set(name, id.as_str());
        match entity {
            Some(entity) => self.query.set(of, entity.as_str()),
            None => self.query.remove(of),
        }
        self
    }

    /// Whether it asks for what is newer than some post, and so goes on towards the newest.
    pub(crate) fn goes_forward(&self) -> bool {
        self.query.get("since_id").is_some() && self.query.get("before_id").is_none()
    }

    fn beyond(&self, post: Option<&Post>, direction: Direction) -> Option<Self> {
        let post = post?;
        let (entity, id) = (post.entity.as_ref(), post.id.as_ref()?);
        let mut list = self.clone();
        for name in [
            "since_id",
            "since_id_entity",
            "before_id",
            "before_id_entity",
        ] {
            list.query.remove(name);
        }
        Some(match direction {
            Direction::Older => list.before(entity, id),
            Direction::Newer => list.since(entity, id),
        })
    }
}

#[derive(Clone, Copy)]
enum Direction {
    Older,
    Newer,
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
    ) -> Result<Page<Post, Self>, DecodeError> {
        let items: Vec<Post> = decode(answer.body())?;
        let links = Page::<Post, Self>::links(answer.headers(), || {
            let request = self.request(server).ok();
            request.map_or_else(|| server.url().clone(), |request| request.url)
        })?;
        let (next, previous) = match links {
            Some(links) => (
                links.next.map(|query| Self { query }),
                links.previous.map(|query| Self { query }),
            ),
            // v0.1 has no links: go on from the ids.
            None => (
                self.beyond(items.last(), Direction::Older),
                self.beyond(items.first(), Direction::Newer),
            ),
        };
        Ok(Page {
            items,
            next,
            previous,
        })
    }
}
