//! Posts: `POST /posts`, `GET /posts/:id`.
//!
//! Source: tent.io 0.2, app-server and post-types; `docs/protocol.md` §6.6 and §7.4.

mod submission;

use axum::extract::State;
use tent_proto::call::GetPost;
use tent_proto::model::Post;
use tent_proto::{Scope, TypeUri};

use self::submission::Submission;
use crate::answer::Json;
use crate::caller::{Caller, holds};
use crate::error::ApiError;
use crate::incoming::Incoming;
use crate::json_body::JsonBody;
use crate::query::Query;
use crate::server::Shared;
use crate::storage::{StoredPost, Visible};

pub(crate) async fn create(
    State(server): State<Shared>,
    caller: Caller,
    JsonBody(post): JsonBody<Post>,
) -> Result<Json, ApiError> {
    let own = &server.account.entity;
    let is_foreign = post.entity.as_ref().is_some_and(|entity| entity != own);
    if is_foreign && caller.is_anonymous() {
        return Err(ApiError::not_yet("posts that arrive from other servers"));
    }
    let grant = caller.require(&Scope::WritePosts)?;
    let may_import = grant.has(&Scope::ImportPosts);
    if is_foreign && may_import {
        return Err(ApiError::not_yet("posts of other entities"));
    }
    let post = Submission::check(post)?;
    if !holds(&grant.post_types, post.post_type()) {
        return Err(ApiError::unauthorized());
    }
    let post = if may_import {
        post
    } else {
        post.without_imports()
    };
    let post = post.into_new(own, caller.app(), server.now())?;
    let stored = server
        .database
        .create_post(server.account.key, post, caller.stamp())
        .await?;
    tracing::info!(post = %stored.id, "a post was created");
    Ok(Json::text(Seen::by(&caller).text(&stored)))
}

pub(crate) async fn read(
    State(server): State<Shared>,
    caller: Caller,
    query: Query,
    Incoming(call): Incoming<GetPost>,
) -> Result<Json, ApiError> {
    query.require_full_view()?;
    let publisher = call.entity;
    let publisher = publisher.unwrap_or_else(|| server.account.entity.clone());
    let post = server
        .database
        .post(server.account.key, publisher, call.id, visible(&caller))
        .await?;
    let post = post.ok_or_else(ApiError::not_found)?;
    if call
        .version
        .is_some_and(|version| version != u64::from(post.version))
    {
        return Err(ApiError::not_found());
    }
    Ok(Json::text(Seen::by(&caller).text(&post)))
}

/// Which posts the caller sees (`docs/protocol.md` §4.2).
pub(crate) fn visible(caller: &Caller) -> Visible {
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

/// Which members of a post somebody sees (`docs/protocol.md` §6.7).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seen {
    times: bool,
    permissions: bool,
}

impl Seen {
    pub(crate) fn by(caller: &Caller) -> Self {
        Self {
            times: caller.grant().is_some(),
            permissions: caller.has(&Scope::ReadPermissions),
        }
    }

    pub(crate) fn text(self, post: &StoredPost) -> String {
        let mut text = String::with_capacity(post.members.len() + 128);
        self.write(post, &mut text);
        text
    }

    /// Writes the post, mostly by copying what is stored.
    pub(crate) fn write(self, post: &StoredPost, text: &mut String) {
        text.push('{');
        text.push_str(&post.members);
        if self.times {
            text.push_str(",\"received_at\":");
            text.push_str(&post.received_at.to_string());
            text.push_str(",\"updated_at\":");
            text.push_str(&post.updated_at.to_string());
        }
        text.push_str(",\"permissions\":{\"public\":");
        text.push_str(if post.public { "true" } else { "false" });
        if self.permissions {
            text.push_str(",\"groups\":[],\"entities\":");
            text.push_str(&post.entities);
        }
        text.push_str("}}");
    }
}
