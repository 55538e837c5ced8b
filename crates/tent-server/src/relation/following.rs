//! Those whom the entity follows: `/followings` and `/followings/:id`.
//!
//! Source: tent.io 0.2, app-server; `docs/protocol.md` §6.4 and §6.8.

use axum::response::{IntoResponse, Response};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, StatusCode};
use tent_proto::call::{
    CreateFollowing, DeleteFollowing, GetFollowing, GetFollowingByEntity, ListFollowings, Receive,
    ReceiveError, Received, RequestFollow, UpdateFollowing,
};
use tent_proto::follow::{self, Followed, NotificationPath};
use tent_proto::mac::Credentials;
use tent_proto::model::Following;
use tent_proto::{CallError, DiscoverEntity, Discovery, Entity, Scope, TypeUri};

use super::reading::{Calls, One};
use super::{Groups, apply, notice, require_other, respond};
use crate::answer::MEDIA_TYPE;
use crate::caller::Caller;
use crate::error::ApiError;
use crate::incoming::Incoming;
use crate::secret;
use crate::server::{Addressed, Shared};
use crate::storage::{Change, Record, Relation, RelationName, Side, Stamp};

const SIDE: Side = Side::Following;

/// Those whom the entity follows, as they are read.
pub(crate) enum Followings {}

impl Calls for Followings {
    const SIDE: Side = SIDE;
    type List = ListFollowings;

    fn one(request: &Received<'_>) -> Result<One, ReceiveError> {
        if let Ok(GetFollowingByEntity {
            entity, secrets, ..
        }) = GetFollowingByEntity::receive(request)
        {
            let name = RelationName::Entity(entity);
            return Ok(One { name, secrets });
        }
        let GetFollowing { id, secrets, .. } = GetFollowing::receive(request)?;
        let name = RelationName::Id(id.to_string());
        Ok(One { name, secrets })
    }
}

pub(crate) async fn create(
    Addressed(server): Addressed,
    caller: Caller,
    Incoming(call): Incoming<CreateFollowing>,
) -> Result<Response, ApiError> {
    caller.require(&Scope::WriteFollowings)?;
    let given = call.following;
    let imported = given.credentials().ok();
    let imported = imported.filter(|_| caller.has(&Scope::WriteSecrets));
    match follow(&server, given, imported, caller.stamp()).await? {
        Ok(following) => respond(SIDE, &caller, &following, false, HeaderMap::new()),
        Err(error) => Ok(refused(&error)),
    }
}

/// Follows an entity: discovers it, and asks its server, which makes sure with a challenge meanwhile.
/// What is known before is stored first, so that the challenge can be answered; after a failure it
/// stays, unconfirmed, and is taken up by the next attempt. With a credential from elsewhere nobody is
/// asked.
pub(super) async fn follow(
    server: &Shared,
    given: Following,
    imported: Option<Credentials>,
    stamp: Option<Stamp>,
) -> Result<Result<Relation, CallError>, ApiError> {
    let entity = given.entity.clone();
    let entity = entity.ok_or_else(|| ApiError::invalid("a following has an entity"))?;
    require_other(server, &entity)?;
    require_new(server, &entity).await?;
    let groups = Groups::of(server, &given.groups, true).await?;

    let discovery = discover(server, &entity).await?;
    require_other(server, &discovery.entity)?;
    require_new(server, &discovery.entity).await?;
    let mut following = begun(server, &discovery, &given)?;
    apply(
        &mut following.record,
        &mut following.public,
        groups,
        given.permissions,
    );
    if let Some(credentials) = imported {
        following.confirmed = true;
        following.credentials = Some(credentials);
        following.record.remote_id = given.remote_id;
    }
    let notice_of_import = following
        .confirmed
        .then(|| notice(server, SIDE, &following, "create"))
        .transpose()?;
    let (stored, _) = server
        .database
        .create_relation(server.account.key, SIDE, following, notice_of_import, stamp)
        .await?;
    if stored.confirmed {
        return Ok(Ok(stored));
    }
    match ask(server, &discovery, &stored).await? {
        Ok(followed) => confirm(server, &discovery, &stored, followed).await.map(Ok),
        Err(error) => Ok(Err(error)),
    }
}

/// # Errors
///
/// When the entity is followed already.
async fn require_new(server: &Shared, entity: &Entity) -> Result<(), ApiError> {
    let name = RelationName::Entity(entity.clone());
    let found = server
        .database
        .relation(server.account.key, SIDE, name)
        .await?;
    if found.is_some_and(|found| found.confirmed) {
        let text = format!("{entity} is followed already");
        return Err(ApiError::new(StatusCode::CONFLICT, text));
    }
    Ok(())
}

async fn discover(server: &Shared, entity: &Entity) -> Result<Discovery, ApiError> {
    let flow = DiscoverEntity::new(entity.clone()).with_scheme_rule(server.peers.scheme());
    let found = server.peers.run(flow).await?;
    found.map_err(|error| ApiError::new(StatusCode::NOT_FOUND, error.to_string()))
}

/// A following that the other server does not know of yet.
fn begun(server: &Shared, discovery: &Discovery, given: &Following) -> Result<Relation, ApiError> {
    let types = match given.types.is_empty() {
        true => vec![TypeUri::all()],
        false => given.types.clone(),
    };
    let now = server.now();
    Ok(Relation {
        id: secret::id()?,
        entity: discovery.entity.clone(),
        public: true,
        confirmed: false,
        credentials: None,
        servers: discovery.servers.clone(),
        record: Record {
            types,
            licenses: given.licenses.clone(),
            profile: Some(discovery.profile.clone()),
            ..Record::default()
        },
        created_at: now,
        updated_at: now,
    })
}

/// Asks the other server to let the entity follow.
async fn ask(
    server: &Shared,
    discovery: &Discovery,
    following: &Relation,
) -> Result<Result<Followed, CallError>, ApiError> {
    let path = NotificationPath::of(&following.id.as_str().into());
    let mut request = RequestFollow::new(server.account.entity.clone(), path)
        .types(following.record.types.iter().cloned());
    request.licenses.clone_from(&following.record.licenses);
    let flow = follow::follow(discovery, request).with_scheme_rule(server.peers.scheme());
    server.peers.run(flow).await
}

async fn confirm(
    server: &Shared,
    discovery: &Discovery,
    following: &Relation,
    followed: Followed,
) -> Result<Relation, ApiError> {
    let notice = notice(server, SIDE, following, "create")?;
    let (servers, profile) = (discovery.servers.clone(), discovery.profile.clone());
    let now = server.now();
    let change = move |following: &mut Relation| {
        following.confirmed = true;
        following.credentials = Some(followed.credentials);
        following.record.remote_id = Some(followed.id);
        following.record.profile = Some(profile);
        following.servers = servers;
        following.updated_at = now;
    };
    let confirmed = server
        .database
        .change_relation(
            server.account.key,
            SIDE,
            following.id.clone(),
            Change::new(change),
            Some(notice),
            None,
        )
        .await?;
    tracing::info!(entity = %following.entity, "an entity is followed");
    confirmed.ok_or_else(ApiError::not_found)
}

/// The answer of the other server as it is; or that it gave none.
fn refused(error: &CallError) -> Response {
    if let Some(refusal) = error.refusal() {
        let media_type = HeaderValue::from_static(MEDIA_TYPE);
        let body = refusal.body().clone();
        return (refusal.status(), [(CONTENT_TYPE, media_type)], body).into_response();
    }
    match error {
        CallError::NoAnswer { .. } => {
            let text = "the server of the entity does not answer";
            ApiError::new(StatusCode::NOT_FOUND, text).into_response()
        }
        _ => {
            let text = "what the server of the entity answered cannot be used";
            ApiError::new(StatusCode::BAD_GATEWAY, text).into_response()
        }
    }
}

pub(crate) async fn update(
    Addressed(server): Addressed,
    caller: Caller,
    Incoming(call): Incoming<UpdateFollowing>,
) -> Result<Response, ApiError> {
    caller.require(&Scope::WriteFollowings)?;
    let given = call.following;
    let credentials = given.credentials().ok();
    let credentials = credentials.filter(|_| caller.has(&Scope::WriteSecrets));
    let is_given = given.extra.get("groups").is_some();
    let groups = Groups::of(&server, &given.groups, is_given).await?;
    let now = server.now();
    let change = move |following: &mut Relation| {
        apply(
            &mut following.record,
            &mut following.public,
            groups,
            given.permissions,
        );
        following.credentials = credentials.or(following.credentials.take());
        following.updated_at = now;
    };
    let changed = server
        .database
        .change_relation(
            server.account.key,
            SIDE,
            call.id.to_string(),
            Change::new(change),
            None,
            caller.stamp(),
        )
        .await?;
    let changed = changed.ok_or_else(ApiError::not_found)?;
    respond(SIDE, &caller, &changed, false, HeaderMap::new())
}

/// Ends a following. The other server is told by a delivery.
pub(crate) async fn delete(
    Addressed(server): Addressed,
    caller: Caller,
    Incoming(call): Incoming<DeleteFollowing>,
) -> Result<StatusCode, ApiError> {
    super::delete(&server, SIDE, &caller, call.id.to_string()).await?;
    Ok(StatusCode::OK)
}
