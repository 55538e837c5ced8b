//! Reposts.

use crate::model::Post;
use crate::model::object::object;
use crate::{Entity, PostId, TypeUri};

object! {
    /// The content of a repost: which post of whom is passed on. [`Post::repost`] makes one of a post
    /// that is at hand.
    ///
    /// Source: tent.io 0.2, post-types; `docs/protocol.md` §7.11.5.
    pub struct Repost {
        /// Whose post. Every repost says so.
        pub entity: Option<Entity> = "entity",
        /// Which post. Every repost says so.
        pub id: Option<PostId> = "id",
    }
}

impl Repost {
    /// A repost of this post of this entity.
    pub fn new(entity: Entity, id: impl Into<PostId>) -> Self {
        Self {
            entity: Some(entity),
            id: Some(id.into()),
            ..Self::default()
        }
    }
}

/// The post also mentions what it passes on, so that its publisher is told.
impl From<Repost> for Post {
    fn from(repost: Repost) -> Self {
        let post = Self::of(TypeUri::repost(), &repost);
        match (repost.entity, repost.id) {
            (Some(entity), Some(id)) => post.mentioning_post(&entity, &id),
            _ => post,
        }
    }
}
