//! `GET /followers`

use super::Access;
use super::list_by_id::{ListById, Listed, Relation};
use crate::FollowerId;
use crate::model::Follower;

/// `GET /followers`: lists those who follow the person, newest first, in pages.
///
/// Without the scope `read_followers` the list holds those that are public, with few members.
///
/// Source: tent.io 0.2, app-server; `docs/protocol.md` §6.0.1 and §6.3.
pub type ListFollowers = ListById<Follower>;

impl Listed for Follower {
    type Id = FollowerId;
    const PATH: &'static str = "followers";
    const ACCESS: Access = Access::Optional;

    fn id(&self) -> Option<&FollowerId> {
        self.id.as_ref()
    }
}

impl Relation for Follower {}
