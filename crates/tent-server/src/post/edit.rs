//! Posts that change and go: `PUT` and `DELETE /posts/:id`.
//!
//! Source: tent.io 0.2, app-server; `docs/protocol.md` §6.6.3.

use std::collections::BTreeMap;

use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use tent_proto::call::{DeletePost, Receive as _, ReceiveError, Received, RevertPost, UpdatePost};
use tent_proto::model::Deletion;
use tent_proto::{PostId, Scope};

use super::Seen;
use super::notice;
use super::submission::is_object;
use crate::answer::Json;
use crate::attachment::{form, sweep};
use crate::caller::Caller;
use crate::error::ApiError;
use crate::incoming::Incoming;
use crate::server::{Addressed, Shared};
use crate::storage::{NewAttachment, PostChange};

/// A `PUT`: its body tells which call it is.
enum Edit {
    Update(UpdatePost),
    Revert(RevertPost),
}

impl Edit {
    fn receive(request: &Received<'_>) -> Result<Self, ReceiveError> {
        let revert = RevertPost::receive(request).map(Self::Revert);
        revert.or_else(|_| UpdatePost::receive(request).map(Self::Update))
    }
}

pub(crate) async fn update(
    Addressed(server): Addressed,
    caller: Caller,
    request: Request,
) -> Result<Json, ApiError> {
    let (edit, uploads) = form::receive(request, &server, &caller, Edit::receive).await?;
    let has_files = !uploads.is_empty();
    let (id, change) = match edit {
        Edit::Update(update) => {
            may_write(&server, &caller, &update.id).await?;
            let change = replacement(&update, form::keep(&server, uploads).await?)?;
            (update.id, change)
        }
        Edit::Revert(_) if has_files => {
            return Err(ApiError::invalid(
                "an earlier version has its own attachments",
            ));
        }
        Edit::Revert(revert) => {
            may_write(&server, &caller, &revert.id).await?;
            let version = u32::try_from(revert.version).map_err(|_| ApiError::not_found())?;
            (revert.id, PostChange::Revert(version))
        }
    };
    let changed = server
        .database
        .change_post(server.account.key, id, change, server.now(), caller.stamp())
        .await;
    if has_files {
        sweep::sweep(&server).await; // of what did not come into the post
    }
    let changed = changed?;
    let changed = changed.ok_or_else(ApiError::not_found)?;
    tracing::info!(post = %changed.id, version = changed.version, "a post was changed");
    Ok(Json::text(Seen::by(&caller).text(&changed)?))
}

/// The members that an update replaces. What it leaves out stays, but for the mentions.
fn replacement(
    update: &UpdatePost,
    attachments: Vec<NewAttachment>,
) -> Result<PostChange, ApiError> {
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
    if !attachments.is_empty() {
        members.insert("attachments", raw(&form::described(&attachments))?);
    }
    let views = update.views.as_ref().map(raw).transpose()?;
    Ok(PostChange::Replace {
        members,
        views: views.map(|views| views.get().to_owned()),
        attachments: Some(attachments).filter(|attachments| !attachments.is_empty()),
    })
}

fn raw(value: &impl Serialize) -> Result<Box<RawValue>, ApiError> {
    to_raw_value(value).map_err(|error| ApiError::internal(&error))
}

pub(crate) async fn delete(
    Addressed(server): Addressed,
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
    sweep::sweep(&server).await;
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
