//! Posts as they are stored, and what a list of them asks for.

use std::collections::BTreeMap;

use serde_json::value::RawValue;
use tent_proto::model::Mention;
use tent_proto::{Entity, GroupId, PostId, TypeUri};

use super::{AccountKey, NewAttachment, Page, Reply, Stamp};
use crate::post::Seen;

/// A post to be stored.
#[derive(Debug)]
pub(crate) struct NewPost {
    pub(crate) publisher: Entity,
    pub(crate) id: PostId,
    pub(crate) version: u32,
    pub(crate) post_type: TypeUri,
    pub(crate) audience: Audience,
    pub(crate) published_at: i64,
    pub(crate) received_at: i64,
    pub(crate) updated_at: i64,
    pub(crate) mentions: Vec<Mention>,
    pub(crate) attachments: Vec<NewAttachment>,
    /// What everybody sees who sees the post: JSON members, joined by commas.
    pub(crate) members: String,
    pub(crate) views: Option<String>,
}

/// Who may see a post.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Audience {
    /// Everybody.
    pub(crate) public: bool,
    /// `permissions.entities`; none that maps to `false`.
    pub(crate) entities: BTreeMap<Entity, bool>,
    /// Members of these groups.
    pub(crate) groups: Vec<GroupId>,
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
    /// `permissions.entities`, a JSON object.
    pub(crate) entities: String,
    /// The ids of `permissions.groups`, a JSON array.
    pub(crate) groups: String,
    pub(crate) views: Option<String>,
}

/// What a new version of a post is to be.
#[derive(Debug)]
pub(crate) enum PostChange {
    /// The post with these members in place of those it had; what is not given stays.
    Replace {
        /// JSON values by the names of members.
        members: BTreeMap<&'static str, Box<RawValue>>,
        views: Option<String>,
        attachments: Option<Vec<NewAttachment>>,
    },
    /// The members of an earlier version.
    Revert(u32),
}

/// One page of the versions of a post, highest first unless it is ascending.
#[derive(Debug, Clone, Default)]
pub(crate) struct VersionPage {
    pub(crate) since: Option<u32>,
    pub(crate) before: Option<u32>,
    /// Newer than this version, from the newest.
    pub(crate) until: Option<u32>,
    pub(crate) limit: u32,
    pub(crate) ascending: bool,
}

/// One page of the public posts that mention a post, oldest first.
#[derive(Debug, Clone)]
pub(crate) struct MentionPage {
    pub(crate) since: Option<Cursor>,
    pub(crate) before: Option<Cursor>,
    pub(crate) type_bases: Vec<String>,
    pub(crate) limit: u32,
}

/// A post that mentions another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MentioningPost {
    pub(crate) publisher: Entity,
    pub(crate) id: PostId,
    pub(crate) post_type: TypeUri,
}

/// Which posts somebody sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Visible {
    /// The entity's own public posts.
    Public,
    /// These too, and those that are shared with this entity or with one of these groups.
    Shared(Entity, Vec<GroupId>),
    /// The public ones too, and all posts of types with these bases.
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
    /// Stores a post of another entity, or a new version of one. The newest that is stored comes back;
    /// `None` when its entity has deleted it before. It may say that another one is deleted.
    fn receive_post(
        &self,
        account: AccountKey,
        post: NewPost,
        deletes: Option<PostId>,
        stamp: Option<Stamp>,
    ) -> Reply<'_, Option<StoredPost>>;
    fn post(
        &self,
        account: AccountKey,
        publisher: Entity,
        id: PostId,
        visible: Visible,
    ) -> Reply<'_, Option<StoredPost>>;
    fn posts(&self, account: AccountKey, feed: Feed) -> Reply<'_, Vec<StoredPost>>;
    /// The same posts as somebody sees them.
    fn page(&self, account: AccountKey, feed: Feed, seen: Seen) -> Reply<'_, Page>;
    /// Who published the post of this id: the entity itself, if it did, or else another.
    fn publisher(&self, account: AccountKey, id: PostId) -> Reply<'_, Option<Entity>>;
    /// How many posts the feed has, on all its pages.
    fn count_posts(&self, account: AccountKey, feed: Feed) -> Reply<'_, u64>;

    /// The base of the type of one of the entity's own posts; `None` when there is no such post, as
    /// below.
    fn post_type(&self, account: AccountKey, id: PostId) -> Reply<'_, Option<String>>;
    /// Makes a new version of one of the entity's own posts; `None`, too, when there is no such version
    /// to go back to.
    fn change_post(
        &self,
        account: AccountKey,
        id: PostId,
        change: PostChange,
        now: i64,
        stamp: Option<Stamp>,
    ) -> Reply<'_, Option<StoredPost>>;
    /// Removes one of the entity's own posts, or one version of it. With its last version a post is
    /// gone, and the notice is published to whoever could see it.
    fn delete_post(
        &self,
        account: AccountKey,
        id: PostId,
        version: Option<u32>,
        notice: NewPost,
        stamp: Option<Stamp>,
    ) -> Reply<'_, bool>;
    fn post_version(
        &self,
        account: AccountKey,
        post: Cursor,
        version: u32,
        visible: Visible,
    ) -> Reply<'_, Option<StoredPost>> {
        let page = VersionPage {
            since: Some(version.saturating_sub(1)),
            limit: 1,
            ..VersionPage::default()
        };
        let found = self.post_versions(account, post, page, visible);
        Box::pin(async move {
            let found = found.await?.and_then(|mut versions| versions.pop());
            Ok(found.filter(|found| found.version == version))
        })
    }
    /// `None` when the post is not seen, as below.
    fn post_versions(
        &self,
        account: AccountKey,
        post: Cursor,
        page: VersionPage,
        visible: Visible,
    ) -> Reply<'_, Option<Vec<StoredPost>>>;
    fn count_versions(
        &self,
        account: AccountKey,
        post: Cursor,
        visible: Visible,
    ) -> Reply<'_, Option<u64>>;
    /// The public posts that mention a post that is seen.
    fn post_mentions(
        &self,
        account: AccountKey,
        post: Cursor,
        page: MentionPage,
        visible: Visible,
    ) -> Reply<'_, Option<Vec<MentioningPost>>>;
    fn count_mentions(
        &self,
        account: AccountKey,
        post: Cursor,
        type_bases: Vec<String>,
        visible: Visible,
    ) -> Reply<'_, Option<u64>>;
}
