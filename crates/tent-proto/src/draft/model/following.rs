//! Whom the person follows.

use super::{License, TypeReference};
use crate::FollowingId;
use crate::model::object::object;

object! {
    /// An entity that the person follows.
    ///
    /// Source: `docs/protocol.md` §8.4.
    pub struct Following {
        /// Its id.
        pub id: Option<FollowingId> = "id",
        /// Who it is, a host name.
        pub entity: Option<String> = "entity",
        /// The names of the groups it is in.
        pub groups: Vec<String> = "groups",
        /// Licenses.
        pub licenses: Vec<License> = "licenses" | "licences",
        /// The types of posts that are delivered.
        pub post_types: Vec<TypeReference> = "post_types",
    }
}
