//! `GET /followings`

use super::Access;
use super::list_by_id::{ListById, Listed, Relation};
use crate::FollowingId;
use crate::model::Following;

/// `GET /followings`: lists those whom the person follows, newest first, in pages.
///
/// Without the scope `read_followings` the list holds those that are public, with few members.
///
/// Source: tent.io 0.2, app-server; `docs/protocol.md` §6.0.1 and §6.4.
pub type ListFollowings = ListById<Following>;

impl Listed for Following {
    type Id = FollowingId;
    const PATH: &'static str = "followings";
    const ACCESS: Access = Access::Optional;

    fn id(&self) -> Option<&FollowingId> {
        self.id.as_ref()
    }
}

impl Relation for Following {}
