//! Followings and followers of the draft: `/following` and `/followers`.
//!
//! Source: `docs/protocol.md` §8.2 and §8.4.

use axum::body::to_bytes;
use axum::response::Response;
use http::StatusCode;
use serde::Deserialize;
use tent_proto::call;
use tent_proto::draft::call::{
    CreateFollowing, DeleteFollower, DeleteFollowing, GetFollower, ListFollowers, ListFollowings,
    UpdateFollower, UpdateFollowing,
};
use tent_proto::draft::convert::Converter;
use tent_proto::draft::model::{Follower, Following};
use tent_proto::model::{self, Group};
use tent_proto::{GroupId, Scope, TypeUri};

use super::created::created;
use super::groups::{all, converter_with};
use super::{Incoming, unsaid};
use crate::answer::Json;
use crate::caller::Caller;
use crate::error::ApiError;
use crate::incoming;
use crate::relation::{follower, following};
use crate::server::{Addressed, Shared};
use crate::storage::{Change, IdPage, Relation, RelationFilter, RelationName, Side};

pub(super) async fn followings(
    Addressed(server): Addressed,
    caller: Caller,
    _: Incoming<ListFollowings>,
) -> Result<Json, ApiError> {
    let groups = all(&server).await?;
    let found = relations(&server, &caller, Side::Following, &Scope::ReadFollowings).await?;
    let shown = found.iter().map(|found| shown_following(found, &groups));
    Json::new(&shown.collect::<Result<Vec<_>, _>>()?)
}

pub(super) async fn follow(
    server: Addressed,
    caller: Caller,
    Incoming(CreateFollowing { following, .. }): Incoming<CreateFollowing>,
) -> Result<Response, ApiError> {
    caller.require(&Scope::WriteFollowings)?;
    let Addressed(shared) = server.clone();
    let converter = converter_with(&shared, following.groups.iter()).await?;
    let given = converter.following_to_v0(&following);
    let given = given.map_err(|error| unsaid(&error))?;
    let entity = given.entity.clone();
    let entity = entity.ok_or_else(|| ApiError::invalid("a following has an entity"))?;
    let mut call = call::CreateFollowing::new(entity);
    call.following = given;
    let response = following::create(server, caller, incoming::Incoming(call)).await?;
    if response.status() != StatusCode::OK {
        return Ok(response);
    }
    #[derive(Deserialize)]
    struct Created {
        id: String,
    }
    let body = to_bytes(response.into_body(), usize::MAX).await;
    let body = body.map_err(|error| ApiError::internal(&error))?;
    let Created { id } =
        serde_json::from_slice(&body).map_err(|error| ApiError::internal(&error))?;
    created(&shared, "following", &id)
}

pub(super) async fn update_following(
    server: Addressed,
    caller: Caller,
    Incoming(UpdateFollowing { id, following, .. }): Incoming<UpdateFollowing>,
) -> Result<Json, ApiError> {
    caller.require(&Scope::WriteFollowings)?;
    let Addressed(shared) = server.clone();
    let converter = converter_with(&shared, following.groups.iter()).await?;
    let given = converter.following_to_v0(&following);
    let given = given.map_err(|error| unsaid(&error))?;
    let call = call::UpdateFollowing::new(id.clone(), given);
    following::update(server, caller, incoming::Incoming(call)).await?;
    let found = one(&shared, Side::Following, id.to_string()).await?;
    Json::new(&shown_following(&found, &all(&shared).await?)?)
}

pub(super) async fn unfollow(
    server: Addressed,
    caller: Caller,
    Incoming(DeleteFollowing { id, .. }): Incoming<DeleteFollowing>,
) -> Result<StatusCode, ApiError> {
    let call = incoming::Incoming(call::DeleteFollowing::new(id));
    following::delete(server, caller, call).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn followers(
    Addressed(server): Addressed,
    caller: Caller,
    _: Incoming<ListFollowers>,
) -> Result<Json, ApiError> {
    let groups = all(&server).await?;
    let found = relations(&server, &caller, Side::Follower, &Scope::ReadFollowers).await?;
    let shown = found.iter().map(|found| shown_follower(found, &groups));
    Json::new(&shown.collect::<Vec<_>>())
}

pub(super) async fn follower(
    Addressed(server): Addressed,
    caller: Caller,
    Incoming(GetFollower { id, .. }): Incoming<GetFollower>,
) -> Result<Json, ApiError> {
    let found = one(&server, Side::Follower, id.to_string()).await?;
    let sees = found.confirmed && (found.public || caller.has(&Scope::ReadFollowers));
    if !sees {
        return Err(ApiError::not_found());
    }
    let groups = all(&server).await?;
    Json::new(&shown_follower(&found, &groups))
}

/// Changes the groups and the names of a follower. What is left out stays.
pub(super) async fn update_follower(
    Addressed(server): Addressed,
    caller: Caller,
    Incoming(UpdateFollower { id, follower, .. }): Incoming<UpdateFollower>,
) -> Result<Json, ApiError> {
    caller.require(&Scope::WriteFollowers)?;
    let is_given = !follower.groups.is_empty() || follower.extra.get("groups").is_some();
    converter_with(&server, follower.groups.iter()).await?;
    let groups = all(&server).await?;
    let ids = follower.groups.iter().filter_map(|name| {
        let known = groups
            .iter()
            .find(|group| group.name.as_ref() == Some(name));
        known.and_then(|group| group.id.clone())
    });
    let ids: Vec<GroupId> = ids.collect();
    let now = server.now();
    let change = move |stored: &mut Relation| {
        let record = &mut stored.record;
        if is_given {
            record.groups = ids;
        }
        record.full_name = follower.full_name.or(record.full_name.take());
        record.display_name = follower.display_name.or(record.display_name.take());
        stored.updated_at = now;
    };
    let changed = server.database.change_relation(
        server.account.key,
        Side::Follower,
        id.to_string(),
        Change::new(change),
        None,
        caller.stamp(),
    );
    let changed = changed.await?.ok_or_else(ApiError::not_found)?;
    Json::new(&shown_follower(&changed, &groups))
}

pub(super) async fn block(
    server: Addressed,
    caller: Caller,
    Incoming(DeleteFollower { id, .. }): Incoming<DeleteFollower>,
) -> Result<StatusCode, ApiError> {
    let call = incoming::Incoming(call::DeleteFollower::new(id));
    follower::delete(server, caller, call).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// All that the caller sees, newest first: the draft has no pages of them.
async fn relations(
    server: &Shared,
    caller: &Caller,
    side: Side,
    scope: &Scope,
) -> Result<Vec<Relation>, ApiError> {
    let page = IdPage {
        since: None,
        before: None,
        until: None,
        limit: u32::MAX,
        ascending: false,
    };
    let filter = RelationFilter {
        public_only: !caller.has(scope),
        entity: None,
    };
    let account = server.account.key;
    Ok(server
        .database
        .relations(account, side, page, filter)
        .await?)
}

async fn one(server: &Shared, side: Side, id: String) -> Result<Relation, ApiError> {
    let name = RelationName::Id(id);
    let found = server.database.relation(server.account.key, side, name);
    found.await?.ok_or_else(ApiError::not_found)
}

/// The groups that there still are, as references.
fn references(ids: &[GroupId], groups: &[Group]) -> Vec<Group> {
    let is_known = |id: &&GroupId| groups.iter().any(|group| group.id.as_ref() == Some(*id));
    let reference = |id: &GroupId| {
        let mut group = Group::default();
        group.id = Some(id.clone());
        group
    };
    ids.iter().filter(is_known).map(reference).collect()
}

fn shown_following(found: &Relation, groups: &[Group]) -> Result<Following, ApiError> {
    let mut following = model::Following::default();
    following.id = Some(found.id.as_str().into());
    following.entity = Some(found.entity.clone());
    following.groups = references(&found.record.groups, groups);
    following.licenses.clone_from(&found.record.licenses);
    let types = found.record.types.iter();
    following.types = types.filter(|one| !one.is_all()).cloned().collect();
    let converter = Converter::new().with_groups(groups);
    let shown = converter.following_from_v0(&following);
    shown.map_err(|error| ApiError::internal(&error))
}

/// A follower, by the names that an app gave it, or the one that is in its profile.
fn shown_follower(found: &Relation, groups: &[Group]) -> Follower {
    let record = &found.record;
    let mut follower = Follower::default();
    follower.id = Some(found.id.as_str().into());
    follower.entity = Some(tent_proto::draft::convert::host_name(&found.entity));
    let names = references(&record.groups, groups).into_iter();
    let names = names.filter_map(|one| {
        let known = groups.iter().find(|group| group.id == one.id);
        known.and_then(|group| group.name.clone())
    });
    follower.groups = names.collect();
    let basic = record.profile.as_ref();
    let basic = basic.and_then(|profile| profile.read::<model::Basic>(&TypeUri::basic()).ok());
    let name = record.full_name.clone();
    follower.full_name = name.or_else(|| basic?.name);
    follower.display_name.clone_from(&record.display_name);
    follower
}
