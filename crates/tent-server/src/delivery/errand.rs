//! What takes asking other servers, and nobody waits for.

use tent_proto::{DiscoverEntity, Discovery, Entity};

use super::Context;
use super::catch_up::catch_up;
use crate::error::ApiError;
use crate::peers::Peers;
use crate::storage::{Change, Owner, Relation, RelationName, Side, StorageError};

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

/// How often an entity is looked for, one time after the other: a connection that was kept may turn out
/// to be closed, after a restart of the other server for instance.
const ATTEMPTS: usize = 2;

async fn find(peers: &Peers, entity: &Entity) -> Option<Discovery> {
    for _ in 0..ATTEMPTS {
        let flow = DiscoverEntity::new(entity.clone()).with_scheme_rule(peers.scheme());
        match peers.run(flow).await {
            Ok(Ok(found)) if found.entity == *entity => return Some(found),
            _ => {}
        }
    }
    None
}

/// Discovers an entity again, and notes its profile and its servers with the relations to it.
async fn renew_profile(
    context: &Context,
    owner: &Owner,
    entity: &Entity,
) -> Result<(), StorageError> {
    let (peers, account) = (context.reach.of(&owner.entity), owner.account);
    let Some(found) = find(peers, entity).await else {
        tracing::debug!(%entity, "a changed profile was not found");
        return Ok(());
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
            .change_relation(account, side, relation.id, Change::new(change), None, None)
            .await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;
    use crate::TentServer;

    #[tokio::test]
    async fn connections_that_break_are_no_reason_to_give_up() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let entity = format!("http://{}", listener.local_addr().unwrap());
        let entity: Entity = entity.parse().unwrap();
        let server = TentServer::builder().entity(entity.clone());
        let server = server.passphrase("correct horse").build().await.unwrap();
        tokio::spawn(async move {
            for _ in 0..2 {
                drop(listener.accept().await); // for `HEAD`, and the `GET` in its place
            }
            axum::serve(listener, server.router()).await
        });
        let found = find(&Peers::near(), &entity).await;
        assert_eq!(found.unwrap().entity, entity);
    }
}
