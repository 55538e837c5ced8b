//! Reposts.

use crate::model::object::object;
use crate::{Entity, PostId};

object! {
    /// The content of a repost: which post of whom is passed on.
    ///
    /// Source: tent.io 0.2, post-types; `docs/protocol.md` §7.11.5.
    pub struct Repost {
        /// Whose post. Every repost says so.
        pub entity: Option<Entity> = "entity",
        /// Which post. Every repost says so.
        pub id: Option<PostId> = "id",
    }
}
