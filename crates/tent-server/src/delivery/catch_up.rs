//! What was missed while this server, or the way to another one, was down.

use tent_proto::call::ListPosts;
use tent_proto::model::Post;
use tent_proto::{Entity, Timestamp, TypeUri};

use super::Context;
use crate::error::ApiError;
use crate::notification;
use crate::storage::{Owner, Relation, RelationName, Side};

/// How far before the newest post that is known one looks, in seconds: posts do not come in order, and
/// clocks differ.
const MARGIN: i64 = 60 * 60;
/// How many posts are asked for at a time, and how many are fetched at most.
const PAGE: u32 = 100;
const MOST: usize = 1_000;

/// Fetches what somebody who is followed has published since a time, in epoch seconds. Says whether
/// their profile has changed, too.
pub(super) async fn catch_up(
    context: &Context,
    owner: &Owner,
    entity: &Entity,
    since: i64,
) -> Result<bool, ApiError> {
    let name = RelationName::Entity(entity.clone());
    let Some(storage) = context.storage.upgrade() else {
        return Ok(false);
    };
    let found = storage.relation(owner.account, Side::Following, name);
    let found = found.await?.filter(|found| found.confirmed);
    let Some(following) = found else {
        return Ok(false);
    };
    drop(storage);
    let posts = fetch(context, owner, following, since).await?;
    let count = posts.len();
    let profile = TypeUri::profile();
    let mut has_new_profile = false;
    for post in posts.into_iter().rev() {
        let post_type = post.post_type.as_ref();
        has_new_profile |= post_type.is_some_and(|found| found.base() == profile.base());
        let Some(storage) = context.storage.upgrade() else {
            break;
        };
        let stored = notification::store(
            &*storage,
            owner.account,
            post,
            entity.clone(),
            context.now(),
            None,
        );
        if let Err(error) = stored.await {
            tracing::debug!(%entity, %error, "a post was not taken");
        }
    }
    tracing::info!(%entity, count, "posts were fetched that may have been missed");
    Ok(has_new_profile)
}

/// The posts of the entity, newest first. What comes after a failure is left for another time.
async fn fetch(
    context: &Context,
    owner: &Owner,
    following: Relation,
    since: i64,
) -> Result<Vec<Post>, ApiError> {
    let peers = context.reach.of(&owner.entity);
    let Relation {
        entity,
        servers,
        credentials,
        ..
    } = following;
    let session = peers.session(entity.clone(), servers, credentials)?;
    let list = ListPosts::new()
        .entity(&entity)
        .since_time(Timestamp::from_epoch_seconds(since.saturating_sub(MARGIN)))
        .limit(PAGE);
    let mut items = peers.client()?.items(session.posts(list));
    let mut posts = Vec::new();
    while posts.len() < MOST {
        match items.next().await {
            Some(Ok(mut post)) => {
                let publisher = post.entity.as_ref();
                if publisher.is_some_and(|publisher| publisher.is_same_page(&entity)) {
                    post.received_at = None;
                    posts.push(post);
                }
            }
            Some(Err(error)) => {
                tracing::debug!(%entity, %error, "not all that was missed could be fetched");
                break;
            }
            None => break,
        }
    }
    Ok(posts)
}
