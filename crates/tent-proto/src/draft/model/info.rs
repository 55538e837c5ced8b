//! Parts of a profile.

use super::{License, TypeReference};
use crate::model::object::object;

object! {
    /// A part of a profile, which is a list of them. The core part has an entity and servers; the
    /// members of others are in `extra`.
    ///
    /// Source: `docs/protocol.md` §8.4.
    pub struct Info {
        /// What kind of part it is.
        pub info_type: Option<TypeReference> = "type",
        /// The licenses that the entity publishes under, in the core part.
        pub licenses: Vec<License> = "licenses" | "licences",
        /// The entity, a host name, in the core part.
        pub entity: Option<String> = "entity",
        /// The API roots, most preferred first, in the core part.
        pub servers: Vec<String> = "servers",
    }
}

impl Info {
    /// Whether it is the core part, by either of the types it has had.
    pub fn is_core(&self) -> bool {
        let url = self.info_type.as_ref().and_then(|kind| kind.url.as_deref());
        matches!(
            url,
            Some("https://tent.io" | "https://tent.io/types/info/tent")
        )
    }
}
