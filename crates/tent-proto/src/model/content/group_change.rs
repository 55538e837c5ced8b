//! Changes of groups.

use crate::model::Post;
use crate::model::object::object;
use crate::{GroupId, TypeUri};

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

impl GroupChange {
    /// Says what was done, `create` or `delete`, to a group of this name.
    pub fn new(id: impl Into<GroupId>, name: impl Into<String>, action: impl Into<String>) -> Self {
        Self {
            id: Some(id.into()),
            name: Some(name.into()),
            action: Some(action.into()),
            ..Self::default()
        }
    }
}

impl From<GroupChange> for Post {
    fn from(change: GroupChange) -> Self {
        Self::of(TypeUri::group(), &change)
    }
}
