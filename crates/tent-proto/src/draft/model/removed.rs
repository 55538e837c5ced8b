//! What has ended.

use crate::model::object::object;

object! {
    /// A following or a follower that is no more, as a notification tells.
    ///
    /// Source: `docs/protocol.md` §8.7.
    pub struct Removed {
        /// Its id.
        pub id: Option<String> = "id",
        /// Who it was, a host name.
        pub entity: Option<String> = "entity",
    }
}
