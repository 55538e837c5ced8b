//! Changes of groups.

use crate::GroupId;
use crate::model::object::object;

object! {
    /// The content of a `group` post, which the reference server makes when a group is created or
    /// deleted. Always private.
    ///
    /// Source: `docs/protocol.md` §7.11.9.
    pub struct GroupChange {
        /// The group.
        pub id: Option<GroupId> = "id",
        /// What the person calls it.
        pub name: Option<String> = "name",
        /// `create` or `delete`.
        pub action: Option<String> = "action",
    }
}
