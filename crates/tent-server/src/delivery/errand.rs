//! What takes asking other servers, and nobody waits for.

use tent_proto::{DiscoverEntity, Entity};

use super::Context;
use crate::storage::{Account, AccountKey, Relation, RelationName, Side, StorageError};

/// Something to be done after an answer was given.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Errand {
    /// The profile of somebody in a relation has changed.
    Profile(Owner, Entity),
}

/// For whom something is done.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Owner {
    pub(crate) account: AccountKey,
    pub(crate) entity: Entity,
}

impl From<&Account> for Owner {
    fn from(account: &Account) -> Self {
        Self {
            account: account.key,
            entity: account.entity.clone(),
        }
    }
}

impl Errand {
    pub(super) async fn run(&self, context: &Context) {
        let done = match self {
            Self::Profile(owner, entity) => renew_profile(context, owner, entity).await,
        };
        if let Err(error) = done {
            tracing::error!(%error, "an errand was not done");
        }
    }
}

/// Discovers an entity again, and notes its profile and its servers with the relations to it.
async fn renew_profile(
    context: &Context,
    owner: &Owner,
    entity: &Entity,
) -> Result<(), StorageError> {
    let (peers, account) = (context.reach.of(&owner.entity), owner.account);
    let flow = DiscoverEntity::new(entity.clone()).with_scheme_rule(peers.scheme());
    let found = match peers.run(flow).await {
        Ok(Ok(found)) if found.entity == *entity => found,
        _ => {
            tracing::debug!(%entity, "a changed profile was not found");
            return Ok(());
        }
    };
    for side in [Side::Follower, Side::Following] {
        let name = RelationName::Entity(entity.clone());
        let Some(storage) = context.storage.upgrade() else {
            return Ok(());
        };
        let Some(relation) = storage.relation(account, side, name).await? else {
            continue;
        };
        let (profile, servers) = (found.profile.clone(), found.servers.clone());
        let now = context.now();
        let change = move |relation: &mut Relation| {
            relation.record.profile = Some(profile);
            relation.servers = servers;
            relation.updated_at = now;
        };
        storage
            .change_relation(account, side, relation.id, Box::new(change), None, None)
            .await?;
    }
    Ok(())
}
