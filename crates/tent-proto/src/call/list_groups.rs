//! `GET /groups`

use super::Access;
use super::list_by_id::{ListById, Listed};
use crate::GroupId;
use crate::model::Group;

/// `GET /groups`: lists the groups of the person, newest first, in pages. Nobody may read them
/// without the scope `read_groups`.
///
/// Source: tent.io 0.2, app-server; `docs/protocol.md` §6.0.1 and §6.5.
pub type ListGroups = ListById<Group>;

impl Listed for Group {
    type Id = GroupId;
    const PATH: &'static str = "groups";
    const ACCESS: Access = Access::Signed;

    fn id(&self) -> Option<&GroupId> {
        self.id.as_ref()
    }
}
