//! Posts that come unsigned: whoever sends them, they are fetched from the entity they name.
//!
//! Source: `docs/protocol.md` §6.9.3, §10.4 and §10.7.

use http::StatusCode;
use tent_proto::call::GetPost;
use tent_proto::model::{Permissions, Post};
use tent_proto::{CallError, DiscoverEntity, Entity, PostId};

use super::{deleted, take};
use crate::error::ApiError;
use crate::post::Seen;
use crate::server::Shared;
use crate::storage::{RelationName, Side, StoredPost, Visible};

/// Takes a post that somebody says another entity has published: one that mentions this entity, or the
/// notice that one which is here is gone.
pub(super) async fn receive(server: &Shared, claim: Post) -> Result<String, ApiError> {
    let claimed = claim.name();
    let (entity, id) = claimed.ok_or_else(ApiError::unauthorized)?;
    require_stranger(server, entity).await?;
    if !concerns(server, entity, &claim).await? {
        return Err(ApiError::unauthorized());
    }
    if let Some(known) = stored(server, entity, id).await? {
        if !known.public {
            return Err(ApiError::unauthorized());
        }
        if claim.version.unwrap_or(1) <= u64::from(known.version) {
            return Ok(Seen::by_server().text(&known)?);
        }
    }
    let place = server.peers.place_for_strangers();
    let _place = place.ok_or_else(|| {
        let text = "too many posts of strangers are being looked for";
        ApiError::new(StatusCode::SERVICE_UNAVAILABLE, text)
    })?;
    let (publisher, post) = fetch(server, entity, id).await?;
    require_stranger(server, &publisher).await?;
    if !concerns(server, &publisher, &post).await? {
        return Err(ApiError::unauthorized());
    }
    take(server, post, publisher, None).await
}

/// # Errors
///
/// When it is the server's own entity, or one that it follows, whose server signs.
async fn require_stranger(server: &Shared, entity: &Entity) -> Result<(), ApiError> {
    if entity.is_same_page(&server.account.entity) {
        return Err(ApiError::unauthorized());
    }
    let name = RelationName::Entity(entity.clone());
    let found = server
        .database
        .relation(server.account.key, Side::Following, name)
        .await?;
    match found.is_some_and(|found| found.confirmed) {
        true => Err(ApiError::unauthorized()),
        false => Ok(()),
    }
}

/// Whether the post mentions the server's entity, or says that one is gone which is here.
async fn concerns(server: &Shared, publisher: &Entity, post: &Post) -> Result<bool, ApiError> {
    let own = &server.account.entity;
    let mut mentioned = post.mentions.iter().filter_map(|one| one.entity.as_ref());
    if mentioned.any(|entity| entity.is_same_page(own)) {
        return Ok(true);
    }
    match deleted(post) {
        Some(id) => Ok(stored(server, publisher, &id).await?.is_some()),
        None => Ok(false),
    }
}

async fn stored(
    server: &Shared,
    publisher: &Entity,
    id: &PostId,
) -> Result<Option<StoredPost>, ApiError> {
    let (publisher, id) = (publisher.clone(), id.clone());
    let found = server
        .database
        .post(server.account.key, publisher, id, Visible::All);
    Ok(found.await?)
}

/// The post as its entity shows it to everybody, and that entity by its own name.
async fn fetch(server: &Shared, entity: &Entity, id: &PostId) -> Result<(Entity, Post), ApiError> {
    let unavailable = || {
        let text = "the server of the post's entity cannot be asked";
        ApiError::new(StatusCode::SERVICE_UNAVAILABLE, text)
    };
    let peers = &server.peers;
    let flow = DiscoverEntity::new(entity.clone()).with_scheme_rule(peers.scheme());
    let found = peers.run(flow).await?.map_err(|_| unavailable())?;
    let session = peers.session(found.entity.clone(), found.servers, None)?;
    let post = peers.run(session.call(GetPost::new(id.clone()))).await?;
    let mut post = post.map_err(|error| match &error {
        CallError::Refused(refusal) if refusal.status().is_client_error() => {
            ApiError::unauthorized()
        }
        _ => unavailable(),
    })?;
    let is_it = post.name().is_some_and(|(publisher, found_id)| {
        publisher.is_same_page(&found.entity) && found_id == id
    });
    if !is_it {
        return Err(ApiError::unauthorized());
    }
    post.permissions = Some(Permissions::public()); // or nobody had been shown it
    Ok((found.entity, post))
}
