//! Deletions.

use crate::PostId;
use crate::model::object::object;

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
