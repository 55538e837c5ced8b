//! Who follows the person.

use crate::FollowerId;
use crate::model::object::object;

object! {
    /// An entity that follows the person.
    ///
    /// Source: `docs/protocol.md` §8.4.
    pub struct Follower {
        /// Its id.
        pub id: Option<FollowerId> = "id",
        /// Who it is, a host name.
        pub entity: Option<String> = "entity",
        /// The names of the groups it is in.
        pub groups: Vec<String> = "groups",
        /// Its whole name.
        pub full_name: Option<String> = "full_name",
        /// The name it is shown by.
        pub display_name: Option<String> = "display_name",
    }
}
