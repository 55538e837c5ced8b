//! Posts as apps send them, on their way into storage.

use serde::Serialize;
use tent_proto::model::{Attachment, Content, Mention, Post, PostApp};
use tent_proto::{Entity, GroupId, PostId, Timestamp, TypeUri};

use super::{audience, only_somebody};
use crate::attachment::form;
use crate::error::ApiError;
use crate::secret;
use crate::storage::{NewAttachment, NewPost};

/// A time this far ahead is one in milliseconds (`docs/protocol.md` §1.8).
const MILLISECONDS_AHEAD: i64 = 1_000_000_000;

/// A post that can be stored: it has a type and content of the right shape, and nothing that is not
/// there yet.
pub(super) struct Submission {
    post: Post,
    post_type: TypeUri,
    content: Content,
    attachments: Vec<NewAttachment>,
}

impl Submission {
    pub(super) fn check(mut post: Post) -> Result<Self, ApiError> {
        let post_type = post
            .post_type
            .take()
            .ok_or_else(|| ApiError::invalid("a post needs a type"))?;
        let has_version = post_type
            .version()
            .is_some_and(|version| !version.contains('x'));
        if !has_version || post_type.as_str().contains('#') {
            return Err(ApiError::invalid(
                "the type of a post needs a version, as in …/v0.1.0, and no view",
            ));
        }
        let content = post.content.take().filter(is_object);
        let content =
            content.ok_or_else(|| ApiError::invalid("the content of a post must be an object"))?;
        Ok(Self {
            post,
            post_type,
            content,
            attachments: Vec::new(),
        })
    }

    /// The post with these files. What it says of its attachments by itself does not count.
    pub(super) fn attaching(mut self, attachments: Vec<NewAttachment>) -> Self {
        self.attachments = attachments;
        self
    }

    /// The groups whose members may see it.
    pub(super) fn groups(&self) -> Vec<GroupId> {
        audience(self.post.permissions.as_ref()).groups
    }

    pub(super) const fn post_type(&self) -> &TypeUri {
        &self.post_type
    }

    /// Drops what only imports may choose.
    pub(super) fn without_imports(mut self) -> Self {
        self.post.id = None;
        self.post.received_at = None;
        self.post.app = None;
        self
    }

    /// The post to be stored, published by `own` through an app of this name and home page.
    pub(super) fn into_new(
        self,
        own: &Entity,
        app: Option<(&str, &str)>,
        now: i64,
    ) -> Result<NewPost, ApiError> {
        let Self {
            post,
            post_type,
            content,
            attachments,
        } = self;
        let chosen = post.id.clone().filter(|id| !id.as_str().is_empty());
        let id = match chosen {
            Some(id) => id,
            None => secret::id()?.into(),
        };
        let published_at = published_at(&post, now);
        let mentions = only_somebody(&post.mentions);
        let members = Members {
            id: &id,
            entity: own,
            post_type: &post_type,
            content: &content,
            published_at,
            licenses: &post.licenses,
            mentions: &mentions,
            attachments: form::described(&attachments),
            app: post.app.clone().or_else(|| app.map(post_app)),
            version: 1,
        };
        Ok(NewPost {
            members: members.to_text()?,
            publisher: own.clone(),
            audience: audience(post.permissions.as_ref()),
            published_at,
            received_at: post.received_at.map_or(now, Timestamp::epoch_seconds),
            updated_at: now,
            views: views(&post)?,
            mentions,
            version: 1,
            attachments,
            post_type,
            id,
        })
    }
}

pub(crate) fn is_object(json: &Content) -> bool {
    json.as_json().starts_with('{')
}

fn published_at(post: &Post, now: i64) -> i64 {
    let time = post.published_at.map_or(now, Timestamp::epoch_seconds);
    if time.saturating_sub(now) > MILLISECONDS_AHEAD {
        time / 1000
    } else {
        time
    }
}

/// The views, as JSON.
fn views(post: &Post) -> Result<Option<String>, ApiError> {
    let views = Some(&post.views).filter(|views| !views.is_empty());
    let text = views.map(serde_json::to_string).transpose();
    text.map_err(|error| ApiError::internal(&error))
}

fn post_app((name, url): (&str, &str)) -> PostApp {
    let mut app = PostApp::default();
    app.name = Some(name.to_owned());
    app.url = Some(url.to_owned());
    app
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
    attachments: Vec<&'a Attachment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    app: Option<PostApp>,
    version: u32,
}

impl Members<'_> {
    /// The members without the braces, ready to be joined with others.
    fn to_text(&self) -> Result<String, ApiError> {
        let mut text = serde_json::to_string(self).map_err(|error| ApiError::internal(&error))?;
        text.pop();
        Ok(text.split_off(1))
    }
}
