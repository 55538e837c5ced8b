//! Posts: `POST /posts`, `GET /posts/:id`.
//!
//! Source: tent.io 0.2, app-server and post-types; `docs/protocol.md` §6.6 and §7.4.

use axum::extract::State;
use serde::Serialize;
use tent_proto::model::{Attachment, Content, Mention, Post, PostApp};
use tent_proto::{Entity, PostId, Scope, Timestamp, TypeUri};

use crate::answer::Json;
use crate::caller::{Caller, holds};
use crate::error::ApiError;
use crate::json_body::JsonBody;
use crate::query::{Query, Segments};
use crate::secret;
use crate::server::Shared;
use crate::storage::{NewPost, StoredPost, Visible};

/// A time this far ahead is one in milliseconds (`docs/protocol.md` §1.8).
const MILLISECONDS_AHEAD: i64 = 1_000_000_000;

pub(crate) async fn create(
    State(server): State<Shared>,
    caller: Caller,
    JsonBody(post): JsonBody<Post>,
) -> Result<Json, ApiError> {
    let is_foreign = post
        .entity
        .as_ref()
        .is_some_and(|entity| *entity != server.account.entity);
    if is_foreign && caller.is_anonymous() {
        return Err(ApiError::not_yet("posts that arrive from other servers"));
    }
    let grant = caller.require(&Scope::WritePosts)?;
    let may_import = grant.has(&Scope::ImportPosts);
    if is_foreign && may_import {
        return Err(ApiError::not_yet("posts of other entities"));
    }
    let granted = &grant.post_types;
    let (post_type, content) = check(&post)?;
    if !holds(granted, post_type) {
        return Err(ApiError::unauthorized());
    }
    let now = server.now();
    let app = caller.app().map(|(name, url)| {
        let mut app = PostApp::default();
        (app.name, app.url) = (Some(name.to_owned()), Some(url.to_owned()));
        app
    });
    let imported = Some(&post).filter(|_| may_import);
    let id = match imported.and_then(|post| post.id.clone()) {
        Some(id) => id,
        None => secret::id()?.into(),
    };
    let received_at = imported
        .and_then(|post| post.received_at)
        .map_or(now, Timestamp::epoch_seconds);
    let app = imported.and_then(|post| post.app.clone()).or(app);
    let new = NewPost {
        public: post.is_public(),
        published_at: published_at(&post, now),
        received_at,
        updated_at: now,
        mentions: mentions(&post),
        entities: entities(&post),
        views: post.views.as_ref().map(|views| views.as_json().to_owned()),
        post_type: post_type.clone(),
        publisher: server.account.entity.clone(),
        members: String::new(),
        id,
    };
    let members = Members {
        id: &new.id,
        entity: &new.publisher,
        post_type,
        content,
        published_at: new.published_at,
        licenses: &post.licenses,
        mentions: &new.mentions,
        attachments: &[],
        app: app.as_ref(),
        version: 1,
    };
    let new = NewPost {
        members: members.to_text()?,
        ..new
    };
    let stored = server
        .database
        .create_post(server.account.key, new, caller.stamp())
        .await?;
    tracing::info!(post = %stored.id, "a post was created");
    Ok(Json::text(Seen::by(&caller).text(&stored)))
}

/// The type and the content, if this is a post that can be stored.
fn check(post: &Post) -> Result<(&TypeUri, &Content), ApiError> {
    let post_type = post
        .post_type
        .as_ref()
        .ok_or_else(|| ApiError::invalid("a post needs a type"))?;
    let has_version = post_type
        .version()
        .is_some_and(|version| !version.contains('x'));
    if !has_version || post_type.as_str().contains('#') {
        return Err(ApiError::invalid(
            "the type of a post needs a version, as in …/v0.1.0, and no view",
        ));
    }
    let content = post
        .content
        .as_ref()
        .filter(|content| content.as_json().starts_with('{'));
    let content =
        content.ok_or_else(|| ApiError::invalid("the content of a post must be an object"))?;
    if post
        .views
        .as_ref()
        .is_some_and(|views| !views.as_json().starts_with('{'))
    {
        return Err(ApiError::invalid("the views of a post must be an object"));
    }
    if !post.attachments.is_empty() {
        return Err(ApiError::not_yet("attachments"));
    }
    if post
        .permissions
        .as_ref()
        .is_some_and(|permissions| !permissions.groups.is_empty())
    {
        return Err(ApiError::not_yet("groups"));
    }
    Ok((post_type, content))
}

fn published_at(post: &Post, now: i64) -> i64 {
    let time = post.published_at.map_or(now, Timestamp::epoch_seconds);
    if time.saturating_sub(now) > MILLISECONDS_AHEAD {
        time / 1000
    } else {
        time
    }
}

/// Mentions of somebody, each once.
fn mentions(post: &Post) -> Vec<Mention> {
    let mut mentions: Vec<Mention> = Vec::new();
    for mention in &post.mentions {
        if mention.entity.is_some() && !mentions.contains(mention) {
            mentions.push(mention.clone());
        }
    }
    mentions
}

/// The entities that may see the post, as JSON.
fn entities(post: &Post) -> String {
    let entities = post
        .permissions
        .iter()
        .flat_map(|permissions| &permissions.entities);
    let allowed: std::collections::BTreeMap<&Entity, &bool> =
        entities.filter(|(_, allowed)| **allowed).collect();
    serde_json::to_string(&allowed).unwrap_or_else(|_| "{}".to_owned()) // its keys are strings
}

/// What everybody sees who sees the post.
#[derive(Serialize)]
struct Members<'a> {
    id: &'a PostId,
    entity: &'a Entity,
    #[serde(rename = "type")]
    post_type: &'a TypeUri,
    content: &'a Content,
    published_at: i64,
    licenses: &'a [String],
    mentions: &'a [Mention],
    attachments: &'a [Attachment],
    #[serde(skip_serializing_if = "Option::is_none")]
    app: Option<&'a PostApp>,
    version: u64,
}

impl Members<'_> {
    /// The members without the braces, ready to be joined with others.
    fn to_text(&self) -> Result<String, ApiError> {
        let mut text = serde_json::to_string(self).map_err(|error| ApiError::internal(&error))?;
        text.pop();
        Ok(text.split_off(1))
    }
}

pub(crate) async fn read(
    State(server): State<Shared>,
    caller: Caller,
    Segments(id): Segments<String>,
    query: Query,
) -> Result<Json, ApiError> {
    let publisher = server.account.entity.clone();
    answer(&server, &caller, publisher, id.into(), &query).await
}

pub(crate) async fn read_of(
    State(server): State<Shared>,
    caller: Caller,
    Segments((publisher, id)): Segments<(String, String)>,
    query: Query,
) -> Result<Json, ApiError> {
    let publisher = publisher.parse().map_err(|_| ApiError::not_found())?;
    answer(&server, &caller, publisher, id.into(), &query).await
}

async fn answer(
    server: &Shared,
    caller: &Caller,
    publisher: Entity,
    id: PostId,
    query: &Query,
) -> Result<Json, ApiError> {
    query.require_full_view()?;
    let post = server
        .database
        .post(server.account.key, publisher, id, visible(caller))
        .await?;
    let post = post.ok_or_else(ApiError::not_found)?;
    if query
        .filled("version")
        .is_some_and(|version| version.parse() != Ok(post.version))
    {
        return Err(ApiError::not_found());
    }
    Ok(Json::text(Seen::by(caller).text(&post)))
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
