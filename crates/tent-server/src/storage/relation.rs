//! Followers and followings as they are stored.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tent_proto::mac::Credentials;
use tent_proto::model::Profile;
use tent_proto::{Entity, FollowerId, GroupId, Server, TypeUri};

use super::{AccountKey, Holder, IdPage, NewPost, Reply, Stamp, Visible};

/// On which side of a relation the entity is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// It is followed.
    Follower,
    /// It follows.
    Following,
}

impl Side {
    /// Where relations are stored that have the entity on this side.
    pub(super) const fn table(self) -> &'static str {
        match self {
            Self::Follower => "followers",
            Self::Following => "followings",
        }
    }
}

/// Somebody whom the entity follows, or who follows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Relation {
    pub(crate) id: String,
    pub(crate) entity: Entity,
    pub(crate) public: bool,
    /// Whether both sides know of it.
    pub(crate) confirmed: bool,
    /// What the two servers sign with.
    pub(crate) credentials: Option<Credentials>,
    /// The API roots of the other entity.
    pub(crate) servers: Vec<Server>,
    pub(crate) record: Record,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
}

impl Relation {
    /// Which posts the other sees.
    pub(super) fn sees(&self) -> Visible {
        Visible::Shared(self.entity.clone(), self.record.groups.clone())
    }

    /// The other as the holder of its credential, if it has one.
    pub(super) fn holder(self, side: Side) -> Option<Holder> {
        Some(Holder::Server {
            credentials: self.credentials?,
            side,
            id: self.id,
            entity: self.entity,
            groups: self.record.groups,
        })
    }
}

/// What is not asked for by itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Record {
    pub(crate) types: Vec<TypeUri>,
    pub(crate) licenses: Vec<String>,
    /// The groups that the other is in.
    pub(crate) groups: Vec<GroupId>,
    /// Who else may see the relation.
    pub(crate) permitted_groups: Vec<GroupId>,
    pub(crate) permitted_entities: BTreeMap<Entity, bool>,
    pub(crate) profile: Option<Profile>,
    /// What an app of the draft calls a follower.
    pub(crate) full_name: Option<String>,
    pub(crate) display_name: Option<String>,
    /// The id that the other server has given a following.
    pub(crate) remote_id: Option<FollowerId>,
    /// Where a follower's posts are delivered, below its API root.
    pub(crate) notification_path: Option<String>,
}

/// What a relation is asked for by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RelationName {
    Id(String),
    Entity(Entity),
}

/// Which relations are meant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct RelationFilter {
    pub(crate) public_only: bool,
    pub(crate) entity: Option<Entity>,
}

/// What is to become of a relation. A database that is told of a conflict does it again.
pub(crate) struct Change(Box<dyn Apply>);

impl Change {
    pub(crate) fn new(change: impl FnOnce(&mut Relation) + Clone + Send + Sync + 'static) -> Self {
        Self(Box::new(change))
    }

    pub(super) fn apply(self, relation: &mut Relation) {
        self.0.apply(relation);
    }
}

impl Clone for Change {
    fn clone(&self) -> Self {
        Self(self.0.cloned())
    }
}

trait Apply: Send + Sync {
    fn apply(self: Box<Self>, relation: &mut Relation);
    fn cloned(&self) -> Box<dyn Apply>;
}

impl<F: FnOnce(&mut Relation) + Clone + Send + Sync + 'static> Apply for F {
    fn apply(self: Box<Self>, relation: &mut Relation) {
        self(relation);
    }

    fn cloned(&self) -> Box<dyn Apply> {
        Box::new(self.clone())
    }
}

/// Followers and followings. Lists hold confirmed ones only.
pub(crate) trait Relations {
    fn relations(
        &self,
        account: AccountKey,
        side: Side,
        page: IdPage,
        filter: RelationFilter,
    ) -> Reply<'_, Vec<Relation>>;
    fn count_relations(
        &self,
        account: AccountKey,
        side: Side,
        filter: RelationFilter,
    ) -> Reply<'_, u64>;
    fn relation(
        &self,
        account: AccountKey,
        side: Side,
        name: RelationName,
    ) -> Reply<'_, Option<Relation>>;
    /// Stores a relation, or leaves the one that there is with its entity or its id. The stored one
    /// comes back, with whether it is new; then the notice is published.
    fn create_relation(
        &self,
        account: AccountKey,
        side: Side,
        relation: Relation,
        notice: Option<NewPost>,
        stamp: Option<Stamp>,
    ) -> Reply<'_, (Relation, bool)>;
    /// Changes a relation, and publishes the notice. `None` when there is no such relation.
    fn change_relation(
        &self,
        account: AccountKey,
        side: Side,
        id: String,
        change: Change,
        notice: Option<NewPost>,
        stamp: Option<Stamp>,
    ) -> Reply<'_, Option<Relation>>;
    /// Removes a relation, and publishes the notice; with that of a following it queues that its server
    /// is told. `None` when there is no such relation.
    fn delete_relation(
        &self,
        account: AccountKey,
        side: Side,
        id: String,
        notice: NewPost,
        stamp: Option<Stamp>,
    ) -> Reply<'_, Option<Relation>>;
}
