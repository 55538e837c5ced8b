//! Posts as they are stored, and what a list of them asks for.

use tent_proto::model::Mention;
use tent_proto::{Entity, PostId, TypeUri};

use super::{AccountKey, Reply, Stamp};

/// A post to be stored.
#[derive(Debug)]
pub(crate) struct NewPost {
    pub(crate) publisher: Entity,
    pub(crate) id: PostId,
    pub(crate) post_type: TypeUri,
    pub(crate) public: bool,
    pub(crate) published_at: i64,
    pub(crate) received_at: i64,
    pub(crate) updated_at: i64,
    pub(crate) mentions: Vec<Mention>,
    /// What everybody sees who sees the post: JSON members, joined by commas.
    pub(crate) members: String,
    /// `permissions.entities`, a JSON object.
    pub(crate) entities: String,
    pub(crate) views: Option<String>,
}

/// A stored post, as far as answers need it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StoredPost {
    pub(crate) publisher: Entity,
    pub(crate) id: PostId,
    pub(crate) public: bool,
    pub(crate) received_at: i64,
    pub(crate) updated_at: i64,
    pub(crate) version: u32,
    pub(crate) members: String,
    pub(crate) entities: String,
}

/// Which posts somebody sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Visible {
    /// The entity's own public posts.
    Public,
    /// These too, and all posts of types with these bases.
    Types(Vec<String>),
    All,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum SortBy {
    #[default]
    Received,
    Published,
    Updated,
}

/// A post that a list begins or ends at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cursor {
    pub(crate) publisher: Entity,
    pub(crate) id: PostId,
}

/// One page of a list of posts.
#[derive(Debug, Clone)]
pub(crate) struct Feed {
    pub(crate) visible: Visible,
    pub(crate) own_only: bool,
    pub(crate) sort_by: SortBy,
    pub(crate) ascending: bool,
    pub(crate) limit: u32,
    /// Newer than this post, next to it.
    pub(crate) since: Option<Cursor>,
    /// Older than this post.
    pub(crate) before: Option<Cursor>,
    /// Newer than this post, from the newest.
    pub(crate) until: Option<Cursor>,
    pub(crate) since_time: Option<i64>,
    pub(crate) before_time: Option<i64>,
    /// Of these publishers; of all when there are none.
    pub(crate) publishers: Vec<Entity>,
    /// Of types with these bases; of all when there are none.
    pub(crate) type_bases: Vec<String>,
    pub(crate) mentioned_entity: Option<Entity>,
    pub(crate) mentioned_post: Option<PostId>,
}

impl Feed {
    /// Whether rows come in the order opposite to the page's: so does a page that lies next to a
    /// cursor and is presented towards it.
    pub(crate) const fn is_backward(&self) -> bool {
        match (&self.since, &self.before) {
            (Some(_), None) => !self.ascending,
            (None, Some(_)) => self.ascending,
            _ => false,
        }
    }
}

/// Posts, and lists of them.
pub(crate) trait Posts {
    /// Stores a post, or leaves the one that has its publisher and id. The stored one comes back.
    fn create_post(
        &self,
        account: AccountKey,
        post: NewPost,
        stamp: Option<Stamp>,
    ) -> Reply<'_, StoredPost>;
    fn post(
        &self,
        account: AccountKey,
        publisher: Entity,
        id: PostId,
        visible: Visible,
    ) -> Reply<'_, Option<StoredPost>>;
    fn posts(&self, account: AccountKey, feed: Feed) -> Reply<'_, Vec<StoredPost>>;
    /// How many posts the feed has, on all its pages.
    fn count_posts(&self, account: AccountKey, feed: Feed) -> Reply<'_, u64>;
}
