//! Changes of a profile.

use crate::TypeUri;
use crate::model::Post;
use crate::model::object::object;

object! {
    /// The content of a `profile` post, which a server makes when a section of the profile changes.
    ///
    /// Source: tent.io 0.2, post-types; `docs/protocol.md` §7.11.6.
    pub struct ProfileChange {
        /// `create`, `update` or `delete`. The reference server always says `update`.
        pub action: Option<String> = "action",
        /// The types of the sections that changed.
        pub types: Vec<TypeUri> = "types",
    }
}

impl ProfileChange {
    /// Says what was done, `create`, `update` or `delete`, to the sections of these types.
    pub fn new(action: impl Into<String>, types: impl IntoIterator<Item = TypeUri>) -> Self {
        Self {
            action: Some(action.into()),
            types: types.into_iter().collect(),
            ..Self::default()
        }
    }
}

impl From<ProfileChange> for Post {
    fn from(change: ProfileChange) -> Self {
        Self::of(TypeUri::profile(), &change)
    }
}
