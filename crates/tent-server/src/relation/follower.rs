//! Those who follow the entity: `/followers` and `/followers/:id`.
//!
//! Source: tent.io 0.2, app-server; `docs/protocol.md` §6.3.

use axum::response::Response;
use http::{HeaderMap, StatusCode};
use tent_proto::Scope;
use tent_proto::call::{
    CreateFollower, DeleteFollower, GetFollower, GetFollowerByEntity, ListFollowers, Receive,
    ReceiveError, Received, UpdateFollower,
};

use super::reading::{Calls, One};
use super::{Groups, apply, require_other, respond};
use crate::caller::Caller;
use crate::error::ApiError;
use crate::incoming::Incoming;
use crate::secret;
use crate::server::{Addressed, Shared};
use crate::storage::{Change, Record, Relation, RelationName, Side};

const SIDE: Side = Side::Follower;

/// Those who follow the entity, as they are read.
pub(crate) enum Followers {}

impl Calls for Followers {
    const SIDE: Side = SIDE;
    type List = ListFollowers;

    fn one(request: &Received<'_>) -> Result<One, ReceiveError> {
        if let Ok(GetFollowerByEntity {
            entity, secrets, ..
        }) = GetFollowerByEntity::receive(request)
        {
            let name = RelationName::Entity(entity);
            return Ok(One { name, secrets });
        }
        let GetFollower { id, secrets, .. } = GetFollower::receive(request)?;
        let name = RelationName::Id(id.to_string());
        Ok(One { name, secrets })
    }
}

/// Brings in a follower from another server, with its credential.
pub(crate) async fn import(
    server: &Shared,
    caller: &Caller,
    call: CreateFollower,
) -> Result<Response, ApiError> {
    caller.require(&Scope::WriteFollowers)?;
    caller.require(&Scope::WriteSecrets)?;
    let given = call.follower;
    let credentials = given.credentials();
    let credentials = credentials.map_err(|error| ApiError::invalid(error.to_string()))?;
    let entity = given
        .entity
        .ok_or_else(|| ApiError::invalid("a follower has an entity"))?;
    require_other(server, &entity)?;
    let groups = Groups::of(server, &given.groups, true).await?;
    let now = server.now();
    let id = given.id.map(|id| id.to_string());
    let profile = given.profile;
    let core = profile.as_ref().and_then(|profile| profile.core().ok());
    let mut follower = Relation {
        id: match id.filter(|id| !id.is_empty()) {
            Some(id) => id,
            None => secret::id()?,
        },
        entity,
        public: true,
        confirmed: true,
        credentials: Some(credentials),
        servers: core.map(|core| core.usable_servers()).unwrap_or_default(),
        record: Record {
            types: given.types,
            licenses: given.licenses,
            profile,
            notification_path: given.notification_path,
            ..Record::default()
        },
        created_at: given.created_at.map_or(now, |time| time.epoch_seconds()),
        updated_at: now,
    };
    apply(
        &mut follower.record,
        &mut follower.public,
        groups,
        given.permissions,
    );
    let (stored, _) = server
        .database
        .create_relation(server.account.key, SIDE, follower, None, caller.stamp())
        .await?;
    respond(SIDE, caller, &stored, false, HeaderMap::new())
}

pub(crate) async fn update(
    Addressed(server): Addressed,
    caller: Caller,
    Incoming(call): Incoming<UpdateFollower>,
) -> Result<Response, ApiError> {
    let id = call.id.to_string();
    let given = call.follower;
    let may_write = caller.has(&Scope::WriteFollowers);
    if !may_write && !caller.is_relation(SIDE, &id) {
        return Err(ApiError::unauthorized());
    }
    let credentials = given.credentials().ok();
    let credentials = credentials.filter(|_| may_write && caller.has(&Scope::WriteSecrets));
    let is_given = given.extra.get("groups").is_some();
    let groups = Groups::of(&server, &given.groups, is_given).await?;
    let now = server.now();
    let change = move |follower: &mut Relation| {
        if !given.types.is_empty() {
            follower.record.types = given.types;
        }
        if !given.licenses.is_empty() {
            follower.record.licenses = given.licenses;
        }
        follower.updated_at = now;
        if !may_write {
            return;
        }
        apply(
            &mut follower.record,
            &mut follower.public,
            groups,
            given.permissions,
        );
        follower.record.profile = given.profile.or(follower.record.profile.take());
        follower.credentials = credentials.or(follower.credentials.take());
    };
    let changed = server
        .database
        .change_relation(
            server.account.key,
            SIDE,
            id,
            Change::new(change),
            None,
            caller.stamp(),
        )
        .await?;
    let changed = changed.ok_or_else(ApiError::not_found)?;
    respond(SIDE, &caller, &changed, false, HeaderMap::new())
}

pub(crate) async fn delete(
    Addressed(server): Addressed,
    caller: Caller,
    Incoming(call): Incoming<DeleteFollower>,
) -> Result<StatusCode, ApiError> {
    super::delete(&server, SIDE, &caller, call.id.to_string()).await?;
    Ok(StatusCode::OK)
}
