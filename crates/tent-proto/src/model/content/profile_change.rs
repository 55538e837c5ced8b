//! Changes of a profile.

use crate::TypeUri;
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
