//! Groups of followers and followings.

use super::object::object;
use crate::{GroupId, Timestamp};

object! {
    /// A group; or, within permissions, a reference to one, which has its id alone.
    ///
    /// Source: tent.io 0.2, app-server; `docs/protocol.md` §7.9.
    pub struct Group {
        /// Its id.
        pub id: Option<GroupId> = "id",
        /// What the person calls it.
        pub name: Option<String> = "name",
        /// When it was created, in epoch seconds.
        pub created_at: Option<Timestamp> = "created_at",
        /// When it last changed, in epoch seconds.
        pub updated_at: Option<Timestamp> = "updated_at",
    }
}
