//! Deletions.

use crate::model::Post;
use crate::model::object::object;
use crate::{PostId, TypeUri};

object! {
    /// The content of a `delete` post, which a server makes when a post is deleted. Only a post of the
    /// same entity is meant.
    ///
    /// Source: tent.io 0.2, post-types; `docs/protocol.md` §7.11.7 and §10.7.
    pub struct Deletion {
        /// The post that is deleted.
        pub id: Option<PostId> = "id",
    }
}

impl Deletion {
    /// Says that this post is deleted.
    pub fn new(id: impl Into<PostId>) -> Self {
        Self {
            id: Some(id.into()),
            ..Self::default()
        }
    }
}

impl From<Deletion> for Post {
    fn from(deletion: Deletion) -> Self {
        Self::of(TypeUri::delete(), &deletion)
    }
}
