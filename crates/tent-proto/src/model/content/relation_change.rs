//! Changes of followings and followers.

use crate::Entity;
use crate::model::object::object;

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
