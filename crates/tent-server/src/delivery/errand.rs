//! What takes asking other servers, and nobody waits for.

use tent_proto::{DiscoverEntity, Entity};

use super::Context;
use super::catch_up::catch_up;
use crate::error::ApiError;
use crate::storage::{Owner, Relation, RelationName, Side, StorageError};

/// Something to be done after an answer was given.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Errand {
    /// The profile of somebody in a relation has changed.
    Profile(Owner, Entity),
    /// Posts of somebody who is followed may have been missed since then.
    CatchUp(Owner, Entity, i64),
}

impl Errand {
    pub(super) async fn run(&self, context: &Context) {
        if let Err(error) = self.try_to_run(context).await {
            tracing::error!(%error, "an errand was not done");
        }
    }

    async fn try_to_run(&self, context: &Context) -> Result<(), ApiError> {
        match self {
            Self::Profile(owner, entity) => renew_profile(context, owner, entity).await?,
            Self::CatchUp(owner, entity, since) => {
                if catch_up(context, owner, entity, *since).await? {
                    renew_profile(context, owner, entity).await?;
                }
            }
        }
        Ok(())
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
