//! Changes of followings and followers.

use crate::model::Post;
use crate::model::object::object;
use crate::{Entity, TypeUri};

object! {
    /// The content of a `following` or `follower` post, which a server makes when somebody is followed
    /// or follows.
    ///
    /// Source: tent.io 0.2, post-types; `docs/protocol.md` §7.11.8.
    pub struct RelationChange {
        /// The following or follower.
        pub id: Option<String> = "id",
        /// Who it is.
        pub entity: Option<Entity> = "entity",
        /// `create` or `delete`.
        pub action: Option<String> = "action",
    }
}

impl RelationChange {
    /// Says what was done, `create` or `delete`, to the relation with this entity.
    pub fn new(id: impl Into<String>, entity: Entity, action: impl Into<String>) -> Self {
        Self {
            id: Some(id.into()),
            entity: Some(entity),
            action: Some(action.into()),
            ..Self::default()
        }
    }
}

impl Post {
    /// The post that tells of a change of a following. It is private until something else is said.
    pub fn following(change: &RelationChange) -> Self {
        Self::of(TypeUri::following(), change)
    }

    /// The post that tells of a change of a follower. It is private until something else is said.
    pub fn follower(change: &RelationChange) -> Self {
        Self::of(TypeUri::follower(), change)
    }
}
