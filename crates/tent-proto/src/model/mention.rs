//! Mentions.

use super::object::object;
use crate::{Entity, PostId, TypeUri};

object! {
    /// An entity that a post mentions, or one post of that entity, to which it then is a reply.
    ///
    /// Source: tent.io 0.2, post-types; `docs/protocol.md` §7.2.
    pub struct Mention {
        /// Who is mentioned. A mention without it means nothing.
        pub entity: Option<Entity> = "entity",
        /// Which of that entity's posts.
        pub post: Option<PostId> = "post",
        /// The type of that post, in a list of the posts that mention one.
        pub post_type: Option<TypeUri> = "type",
    }
}

impl Mention {
    /// A mention of an entity.
    pub fn entity(entity: Entity) -> Self {
        Self {
            entity: Some(entity),
            ..Self::default()
        }
    }

    /// A mention of a post of an entity.
    pub fn post(entity: Entity, post: impl Into<PostId>) -> Self {
        Self {
            entity: Some(entity),
            post: Some(post.into()),
            ..Self::default()
        }
    }
}
