//! Who may see a thing.

use std::collections::BTreeMap;

use super::Group;
use super::object::object;
use crate::{Entity, GroupId};

object! {
    /// Who may see a post, a section of a profile, a follower or a following.
    ///
    /// Posts and new sections of a profile without permissions are private: only the person's own
    /// apps see them.
    ///
    /// Source: tent.io 0.2, post-types; `docs/protocol.md` §7.1.
    pub struct Permissions {
        /// Everybody, without signing too.
        pub public: Option<bool> = "public",
        /// Members of these groups. Seen only with the scope `read_permissions`.
        pub groups: Vec<Group> = "groups",
        /// These entities, those that map to `true`. Seen only with the scope `read_permissions`.
        pub entities: BTreeMap<Entity, bool> = "entities",
    }
}

impl Permissions {
    /// Everybody may see it.
    pub fn public() -> Self {
        Self {
            public: Some(true),
            ..Self::default()
        }
    }

    /// Nobody but the person's own apps may see it.
    pub fn private() -> Self {
        Self {
            public: Some(false),
            ..Self::default()
        }
    }

    /// Lets one more entity see it.
    #[must_use]
    pub fn and_entity(mut self, entity: Entity) -> Self {
        self.entities.insert(entity, true);
        self
    }

    /// Lets the members of one more group see it.
    #[must_use]
    pub fn and_group(mut self, id: impl Into<GroupId>) -> Self {
        self.groups.push(Group {
            id: Some(id.into()),
            ..Group::default()
        });
        self
    }

    /// Whether everybody may see it.
    pub fn is_public(&self) -> bool {
        self.public == Some(true)
    }
}
