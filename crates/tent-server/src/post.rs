//! Posts: `POST /posts`, `GET /posts/:id`, and what is about one post.
//!
//! Source: tent.io 0.2, app-server and post-types; `docs/protocol.md` §6.6 and §7.4.

pub(crate) mod edit;
pub(crate) mod mentions;
mod seen;
mod submission;
pub(crate) mod versions;

use std::collections::BTreeSet;

use axum::extract::Request;
use tent_proto::call::{CreatePost, GetPost, Receive as _};
use tent_proto::model::{Mention, Permissions, Post};
use tent_proto::{Entity, GroupId, Scope, TypeUri};

pub(crate) use self::seen::{Fragments, Seen};
use self::submission::Submission;
pub(crate) use self::submission::is_object;
use crate::answer::Json;
use crate::attachment::form::{self, Upload};
use crate::attachment::sweep;
use crate::caller::{Caller, holds};
use crate::error::ApiError;
use crate::incoming::Incoming;
use crate::notification;
use crate::relation::through;
use crate::server::{Addressed, Shared};
use crate::storage::{Audience, Cursor, NewPost, StoredPost, Visible};

pub(crate) async fn create(
    Addressed(server): Addressed,
    caller: Caller,
    request: Request,
) -> Result<Json, ApiError> {
    let (call, uploads) = form::receive(request, &server, &caller, CreatePost::receive).await?;
    let post = call.into_post();
    let own = &server.account.entity;
    let is_foreign = post.entity.as_ref().is_some_and(|entity| entity != own);
    if caller.as_server().is_some() || (is_foreign && caller.is_anonymous()) {
        let received = notification::receive(&server, &caller, post).await?;
        return Ok(Json::text(received));
    }
    let stored = publish(&server, &caller, post, uploads).await?;
    Ok(Json::text(Seen::by(&caller).text(&stored)?))
}

/// Publishes a post of an app's, or brings one in: that may be another entity's.
pub(crate) async fn publish(
    server: &Shared,
    caller: &Caller,
    post: Post,
    uploads: Vec<Upload>,
) -> Result<StoredPost, ApiError> {
    let grant = caller.require(&Scope::WritePosts)?;
    let may_import = grant.has(&Scope::ImportPosts);
    let own = &server.account.entity;
    let is_foreign = post.entity.as_ref().is_some_and(|entity| entity != own);
    if is_foreign && may_import && !uploads.is_empty() {
        return Err(ApiError::invalid(
            "files come with posts of the entity itself alone",
        ));
    }
    if is_foreign && may_import {
        return notification::import(server, caller, post).await;
    }
    if uploads.is_empty() && !post.attachments.is_empty() {
        return Err(ApiError::invalid(
            "attachments come with the post, as parts of a form",
        ));
    }
    let post = Submission::check(post)?;
    if !holds(&grant.post_types, post.post_type()) {
        return Err(ApiError::unauthorized());
    }
    require_groups(server, &post.groups()).await?;
    let post = if may_import {
        post
    } else {
        post.without_imports()
    };
    let has_files = !uploads.is_empty();
    let post = post.attaching(form::keep(server, uploads).await?);
    let post = post.into_new(own, caller.app(), server.now())?;
    let stored = server
        .database
        .create_post(server.account.key, post, caller.stamp())
        .await;
    if has_files {
        sweep::sweep(server).await; // of what did not come into a post
    }
    let stored = stored?;
    tracing::info!(post = %stored.id, "a post was created");
    Ok(stored)
}

pub(crate) async fn read(
    Addressed(server): Addressed,
    caller: Caller,
    Incoming(call): Incoming<GetPost>,
) -> Result<Json, ApiError> {
    let (account, visible) = (server.account.key, visible(&caller));
    let other = call.entity.clone();
    let publisher = other
        .clone()
        .unwrap_or_else(|| server.account.entity.clone());
    let mut elsewhere = call.clone();
    elsewhere.entity = None;
    let post = match call.version.map(u32::try_from) {
        None => {
            server
                .database
                .post(account, publisher, call.id, visible)
                .await?
        }
        Some(version) => {
            let version = version.map_err(|_| ApiError::not_found())?;
            let cursor = Cursor {
                publisher,
                id: call.id,
            };
            server
                .database
                .post_version(account, cursor, version, visible)
                .await?
        }
    };
    match (post, other) {
        (Some(post), _) => {
            let seen = Seen::by(&caller).through(call.view);
            Ok(Json::text(seen.text(&post)?))
        }
        (None, Some(other)) => through::post(&server, &caller, other, elsewhere).await,
        (None, None) => Err(ApiError::not_found()),
    }
}

/// A post that the server itself publishes, private unless somebody says otherwise.
pub(crate) fn notice(server: &Shared, content: impl Into<Post>) -> Result<NewPost, ApiError> {
    notice_by(&server.account.entity, content, server.now())
}

/// The same, of an entity that is not served yet.
pub(crate) fn notice_by(
    own: &Entity,
    content: impl Into<Post>,
    now: i64,
) -> Result<NewPost, ApiError> {
    Submission::check(content.into())?.into_new(own, None, now)
}

/// Who may see what has these permissions.
pub(crate) fn audience(permissions: Option<&Permissions>) -> Audience {
    let Some(permissions) = permissions else {
        return Audience::default();
    };
    let entities = permissions.entities.clone().into_iter();
    let groups = permissions.groups.iter();
    let groups = groups.filter_map(|group| group.id.clone());
    Audience {
        public: permissions.is_public(),
        entities: entities.filter(|(_, allowed)| *allowed).collect(),
        groups: groups.collect::<BTreeSet<_>>().into_iter().collect(),
    }
}

/// # Errors
///
/// When there is no such group.
pub(crate) async fn require_groups(server: &Shared, groups: &[GroupId]) -> Result<(), ApiError> {
    for group in groups {
        let found = server.database.group(server.account.key, group.clone());
        if found.await?.is_none() {
            return Err(ApiError::invalid(format!("there is no group {group}")));
        }
    }
    Ok(())
}

/// Mentions of somebody, each once.
pub(crate) fn only_somebody(mentions: &[Mention]) -> Vec<Mention> {
    let mut seen = BTreeSet::new();
    let mentions = mentions.iter().filter(|mention| mention.entity.is_some());
    let new = mentions.filter(
        |&Mention {
             entity,
             post,
             post_type,
             ..
         }| seen.insert((entity, post, post_type)),
    );
    new.cloned().collect()
}

/// Which posts the caller sees (`docs/protocol.md` §4.2).
pub(crate) fn visible(caller: &Caller) -> Visible {
    if let Some((entity, groups)) = caller.as_server() {
        return Visible::Shared(entity.clone(), groups.to_vec());
    }
    match caller.grant().filter(|grant| grant.has(&Scope::ReadPosts)) {
        None => Visible::Public,
        Some(grant) if grant.post_types.iter().any(TypeUri::is_all) => Visible::All,
        Some(grant) => Visible::Types(
            grant
                .post_types
                .iter()
                .map(|one| one.base().to_owned())
                .collect(),
        ),
    }
}
