//! Posts that change and go: `PUT` and `DELETE /posts/:id`.
//!
//! Source: tent.io 0.2, app-server; `docs/protocol.md` §6.6.3.

use std::collections::BTreeMap;

use axum::extract::{FromRequest, Request, State};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use tent_proto::call::{DeletePost, Receive, RevertPost, UpdatePost};
use tent_proto::model::Deletion;
use tent_proto::{PostId, Scope};

use super::Seen;
use super::notice;
use super::submission::is_object;
use crate::answer::Json;
use crate::caller::Caller;
use crate::error::ApiError;
use crate::incoming::{self, Incoming};
use crate::server::Shared;
use crate::storage::PostChange;

/// A `PUT`: its body tells which call it is.
pub(crate) enum Edit {
    Update(UpdatePost),
    Revert(RevertPost),
}

impl FromRequest<Shared> for Edit {
    type Rejection = ApiError;

    async fn from_request(request: Request, server: &Shared) -> Result<Self, ApiError> {
        incoming::read(request, server, incoming::LIMIT, |received| {
            let revert = RevertPost::receive(received).map(Self::Revert);
            revert.or_else(|_| UpdatePost::receive(received).map(Self::Update))
        })
        .await
    }
}

pub(crate) async fn update(
    State(server): State<Shared>,
    caller: Caller,
    edit: Edit,
) -> Result<Json, ApiError> {
    let (id, change) = match edit {
        Edit::Update(update) => (update.id.clone(), replacement(&update)?),
        Edit::Revert(revert) => {
            let version = u32::try_from(revert.version).map_err(|_| ApiError::not_found())?;
            (revert.id, PostChange::Revert(version))
        }
    };
    may_write(&server, &caller, &id).await?;
    let changed = server
        .database
        .change_post(server.account.key, id, change, server.now(), caller.stamp())
        .await?;
    let changed = changed.ok_or_else(ApiError::not_found)?;
    tracing::info!(post = %changed.id, version = changed.version, "a post was changed");
    Ok(Json::text(Seen::by(&caller).text(&changed)?))
}

/// The members that an update replaces. What it leaves out stays, but for the mentions.
fn replacement(update: &UpdatePost) -> Result<PostChange, ApiError> {
    if !update.content.as_ref().is_none_or(is_object) {
        return Err(ApiError::invalid("the content of a post must be an object"));
    }
    let mut members = BTreeMap::from([("mentions", raw(&super::only_somebody(&update.mentions))?)]);
    if let Some(content) = &update.content {
        members.insert("content", raw(content)?);
    }
    if let Some(licenses) = &update.licenses {
        members.insert("licenses", raw(licenses)?);
    }
    let views = update.views.as_ref().map(raw).transpose()?;
    Ok(PostChange::Replace {
        members,
        views: views.map(|views| views.get().to_owned()),
    })
}

fn raw(value: &impl Serialize) -> Result<Box<RawValue>, ApiError> {
    to_raw_value(value).map_err(|error| ApiError::internal(&error))
}

pub(crate) async fn delete(
    State(server): State<Shared>,
    caller: Caller,
    Incoming(call): Incoming<DeletePost>,
) -> Result<Response, ApiError> {
    let id = call.id;
    may_write(&server, &caller, &id).await?;
    let version = call.version.map(u32::try_from).transpose();
    let version = version.map_err(|_| ApiError::not_found())?;
    let notice = notice(&server, Deletion::new(id.clone()))?;
    let deleted = server
        .database
        .delete_post(server.account.key, id, version, notice, caller.stamp())
        .await?;
    if !deleted {
        return Err(ApiError::not_found());
    }
    tracing::info!("a post, or a version of it, was deleted");
    Ok(StatusCode::OK.into_response())
}

/// # Errors
///
/// When the caller may not write posts of this one's type, or there is no such post of the entity.
async fn may_write(server: &Shared, caller: &Caller, id: &PostId) -> Result<(), ApiError> {
    let grant = caller.require(&Scope::WritePosts)?;
    let found = server
        .database
        .post_type(server.account.key, id.clone())
        .await?;
    let base = found.ok_or_else(ApiError::not_found)?;
    let is_granted = |granted: &tent_proto::TypeUri| granted.is_all() || granted.base() == base;
    if grant.post_types.iter().any(is_granted) {
        Ok(())
    } else {
        Err(ApiError::unauthorized())
    }
}
