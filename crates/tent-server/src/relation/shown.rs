//! How a relation is shown, and to whom.

use serde::Serialize;
use tent_proto::model::{Group, Permissions, Profile};
use tent_proto::{Entity, FollowerId, GroupId, Scope, Secret, TypeUri};

use crate::caller::Caller;
use crate::storage::{Relation, Side};

/// What somebody sees of a relation (`docs/protocol.md` §6.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sight {
    /// What the other server has asked for.
    own: bool,
    /// What apps of the entity see.
    app: bool,
    groups: bool,
    permissions: bool,
    pub(super) secrets: bool,
}

impl Sight {
    pub(super) fn of(side: Side, caller: &Caller, wants_secrets: bool) -> Self {
        let app = caller.has(&side.read_scope());
        Self {
            own: app,
            app,
            groups: app && caller.has(&Scope::ReadGroups),
            permissions: app && caller.has(&Scope::ReadPermissions),
            secrets: app && wants_secrets && caller.has(&Scope::ReadSecrets),
        }
    }

    /// What it sees of itself, if it is that server.
    pub(super) fn or_own(self, is_own: bool) -> Self {
        Self {
            own: self.own || is_own,
            ..self
        }
    }

    /// All that there is, the credential too: what is shown once, to a new follower.
    pub(super) const fn new_follower() -> Self {
        Self {
            own: true,
            app: false,
            groups: false,
            permissions: false,
            secrets: true,
        }
    }
}

#[derive(Serialize)]
pub(super) struct Shown<'a> {
    id: &'a str,
    entity: &'a Entity,
    permissions: Permissions,
    created_at: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    updated_at: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    groups: Option<Vec<Group>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    types: Option<&'a [TypeUri]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    licenses: Option<&'a [String]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    notification_path: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    remote_id: Option<&'a FollowerId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    profile: Option<&'a Profile>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mac_key_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mac_key: Option<&'a Secret>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mac_algorithm: Option<&'a str>,
}

/// The relation as an answer has it.
pub(super) fn shown(side: Side, relation: &Relation, sight: Sight) -> Shown<'_> {
    let record = &relation.record;
    let own = sight.own && (side == Side::Follower || sight.app);
    let credentials = relation.credentials.as_ref().filter(|_| sight.secrets);
    Shown {
        id: &relation.id,
        entity: &relation.entity,
        permissions: permissions(relation, sight.permissions),
        created_at: relation.created_at,
        updated_at: sight.app.then_some(relation.updated_at),
        groups: sight.groups.then(|| references(&record.groups)),
        types: own.then_some(&*record.types),
        licenses: own.then_some(&*record.licenses),
        notification_path: record.notification_path.as_deref().filter(|_| own),
        remote_id: record.remote_id.as_ref().filter(|_| sight.app),
        profile: record.profile.as_ref().filter(|_| sight.app),
        mac_key_id: credentials.map(tent_proto::mac::Credentials::id),
        mac_key: credentials.map(tent_proto::mac::Credentials::key),
        mac_algorithm: credentials.map(|credentials| credentials.algorithm().as_str()),
    }
}

fn permissions(relation: &Relation, is_full: bool) -> Permissions {
    let mut permissions = if relation.public {
        Permissions::public()
    } else {
        Permissions::private()
    };
    if is_full {
        permissions.groups = references(&relation.record.permitted_groups);
        permissions.entities = relation.record.permitted_entities.clone();
    }
    permissions
}

fn references(ids: &[GroupId]) -> Vec<Group> {
    let reference = |id: &GroupId| {
        let mut group = Group::default();
        group.id = Some(id.clone());
        group
    };
    ids.iter().map(reference).collect()
}
