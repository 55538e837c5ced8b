//! Groups: `/groups` and `/groups/:id`.
//!
//! Source: tent.io 0.2, app-server; `docs/protocol.md` §6.5, §7.9 and §7.11.9.

use axum::response::Response;
use http::{HeaderMap, Method, StatusCode, Uri};
use tent_proto::call::{CreateGroup, DeleteGroup, GetGroup, ListGroups, UpdateGroup};
use tent_proto::model::{Group, GroupChange};
use tent_proto::{List as _, Scope, Timestamp};

use crate::answer::{self, Json};
use crate::caller::Caller;
use crate::error::ApiError;
use crate::incoming::Incoming;
use crate::paging;
use crate::post::notice;
use crate::query::Query;
use crate::secret;
use crate::server::{Addressed, Shared};
use crate::storage::{NewPost, Stamp, StoredGroup};

pub(crate) async fn list(
    Addressed(server): Addressed,
    method: Method,
    uri: Uri,
    caller: Caller,
    query: Query,
    Incoming(list): Incoming<ListGroups>,
) -> Result<Response, ApiError> {
    caller.require(&Scope::ReadGroups)?;
    let (account, page) = (server.account.key, paging::id_page(list.query()));
    let groups = server.database.groups(account, page.clone()).await?;
    let ids = groups.iter().map(|group| group.id.as_str());
    let mut headers = HeaderMap::new();
    headers.extend(answer::link(paging::id_links((&uri, &query), &page, ids)));
    if method == Method::HEAD {
        let count = server.database.count_groups(account).await?;
        headers.insert(answer::COUNT, count.into());
    }
    let groups: Vec<Group> = groups.into_iter().map(shown).collect();
    Ok(Json::new(&groups)?.with(headers))
}

pub(crate) async fn count(Addressed(server): Addressed, caller: Caller) -> Result<Json, ApiError> {
    caller.require(&Scope::ReadGroups)?;
    Json::new(&server.database.count_groups(server.account.key).await?)
}

pub(crate) async fn read(
    Addressed(server): Addressed,
    caller: Caller,
    Incoming(call): Incoming<GetGroup>,
) -> Result<Json, ApiError> {
    caller.require(&Scope::ReadGroups)?;
    let group = server.database.group(server.account.key, call.id).await?;
    Json::new(&shown(group.ok_or_else(ApiError::not_found)?))
}

pub(crate) async fn create(
    Addressed(server): Addressed,
    caller: Caller,
    Incoming(call): Incoming<CreateGroup>,
) -> Result<Json, ApiError> {
    caller.require(&Scope::WriteGroups)?;
    let stored = make(&server, call, caller.stamp()).await?;
    Json::new(&shown(stored))
}

/// Makes a group, or leaves the one that has its id.
pub(crate) async fn make(
    server: &Shared,
    call: CreateGroup,
    stamp: Option<Stamp>,
) -> Result<StoredGroup, ApiError> {
    let id = call.id.filter(|id| !id.as_str().is_empty());
    let id = match id {
        Some(id) => id,
        None => secret::id()?.into(),
    };
    let now = server.now();
    let group = StoredGroup {
        id,
        name: call.name,
        created_at: now,
        updated_at: now,
    };
    let notice = change(server, &group, "create")?;
    let stored = server
        .database
        .create_group(server.account.key, group, notice, stamp)
        .await?;
    tracing::info!(group = %stored.id, "a group was created");
    Ok(stored)
}

pub(crate) async fn update(
    Addressed(server): Addressed,
    caller: Caller,
    Incoming(call): Incoming<UpdateGroup>,
) -> Result<Json, ApiError> {
    caller.require(&Scope::WriteGroups)?;
    let (account, now) = (server.account.key, server.now());
    let group = server
        .database
        .rename_group(account, call.id, call.name, now, caller.stamp())
        .await?;
    Json::new(&shown(group.ok_or_else(ApiError::not_found)?))
}

pub(crate) async fn delete(
    Addressed(server): Addressed,
    caller: Caller,
    Incoming(call): Incoming<DeleteGroup>,
) -> Result<StatusCode, ApiError> {
    caller.require(&Scope::WriteGroups)?;
    let account = server.account.key;
    let group = server.database.group(account, call.id).await?;
    let group = group.ok_or_else(ApiError::not_found)?;
    let notice = change(&server, &group, "delete")?;
    let deleted = server
        .database
        .delete_group(account, group.id, notice, caller.stamp())
        .await?;
    if deleted {
        Ok(StatusCode::OK)
    } else {
        Err(ApiError::not_found())
    }
}

pub(crate) fn shown(group: StoredGroup) -> Group {
    let mut shown = Group::default();
    shown.id = Some(group.id);
    shown.name = Some(group.name);
    shown.created_at = Some(Timestamp::from_epoch_seconds(group.created_at));
    shown.updated_at = Some(Timestamp::from_epoch_seconds(group.updated_at));
    shown
}

/// The private post that says what became of a group.
fn change(server: &Shared, group: &StoredGroup, action: &str) -> Result<NewPost, ApiError> {
    let mut change = GroupChange::default();
    change.id = Some(group.id.clone());
    change.name = Some(group.name.clone());
    change.action = Some(action.to_owned());
    notice(server, change)
}
