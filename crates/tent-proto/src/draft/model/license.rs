//! Licenses, as objects.

use crate::model::object::object;

object! {
    /// A license that something is published under.
    ///
    /// Source: `docs/protocol.md` §8.4.
    pub struct License {
        /// The license, without a version.
        pub url: Option<String> = "url",
        /// The version.
        pub version: Option<String> = "version",
    }
}
