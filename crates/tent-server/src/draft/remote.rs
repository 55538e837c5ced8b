//! Posts that the servers of others have, for apps that want them fetched.
//!
//! Source: `docs/protocol.md` §8.2.

use tent_proto::call::{GetPost, ListPosts};
use tent_proto::{CallError, DiscoverEntity, Entity, Post, PostId, Session};

use crate::error::ApiError;
use crate::secret;
use crate::server::Shared;
use crate::storage::{RelationName, Side};

/// A post of another entity's, if its server shows it.
pub(super) async fn post(
    server: &Shared,
    entity: &Entity,
    id: PostId,
) -> Result<Option<Post>, ApiError> {
    let Some(session) = session(server, entity).await? else {
        return Ok(None);
    };
    let asked = session.call(GetPost::new(id));
    let post = said(server.peers.run(asked).await?);
    Ok(post.filter(|post| post.entity.as_ref() == Some(session.entity())))
}

/// Posts of another entity's, as its server lists them.
pub(super) async fn posts(
    server: &Shared,
    entity: &Entity,
    list: ListPosts,
) -> Result<Vec<Post>, ApiError> {
    let Some(session) = session(server, entity).await? else {
        return Ok(Vec::new());
    };
    let asked = session.list_posts(list.entity(session.entity()));
    let page = said(server.peers.run(asked).await?);
    let mut posts = page.map(|page| page.items).unwrap_or_default();
    posts.retain(|post| post.entity.as_ref() == Some(session.entity()));
    Ok(posts)
}

/// What the other server said. That it does not answer is no fault of the app's.
fn said<T>(answer: Result<T, CallError>) -> Option<T> {
    let log = |error: &CallError| tracing::debug!(%error, "another server was asked in vain");
    answer.inspect_err(log).ok()
}

/// A session with the servers of an entity, signed if it is followed.
async fn session(server: &Shared, entity: &Entity) -> Result<Option<Session>, ApiError> {
    let (account, name) = (server.account.key, RelationName::Entity(entity.clone()));
    let found = server.database.relation(account, Side::Following, name);
    let followed = found.await?.filter(|found| !found.servers.is_empty());
    let followed =
        followed.and_then(|found| Some((found.entity, found.servers, found.credentials?)));
    let session = match followed {
        Some((entity, servers, credentials)) => {
            let seed = tent_flow::Seed::new(secret::random()?);
            Session::new(entity, servers, credentials, seed)
        }
        None => {
            let discover = DiscoverEntity::new(entity.clone());
            let discover = discover.with_scheme_rule(server.peers.scheme());
            let Ok(found) = server.peers.run(discover).await? else {
                return Ok(None);
            };
            Session::anonymous(found.entity, found.servers)
        }
    };
    Ok(Some(session.with_scheme_rule(server.peers.scheme())))
}
