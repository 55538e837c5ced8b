//! Statuses.

use crate::model::Content;
use crate::model::object::object;

object! {
    /// The content of a status: a short text, or a place, or both.
    ///
    /// Source: tent.io 0.2, post-types; `docs/protocol.md` §7.11.1.
    pub struct Status {
        /// The text, at most 256 characters.
        pub text: Option<String> = "text",
        /// A GeoJSON point, as it came. In which order it has latitude and longitude is uncertain.
        pub location: Option<Content> = "location",
    }
}
