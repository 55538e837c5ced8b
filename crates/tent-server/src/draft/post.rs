//! Posts of the draft: `POST /posts` and `GET /posts/:id`.
//!
//! Source: `docs/protocol.md` §8.2.

use axum::response::Response;
use http::StatusCode;
use tent_proto::draft::call::{CreatePost, Fetch, GetPost};
use tent_proto::draft::convert;
use tent_proto::model::Content;
use tent_proto::{Entity, Scope};

use super::created::created;
use super::groups::{converter, converter_with};
use super::shown::{shown, stored, without_view};
use super::{Incoming, remote, unsaid};
use crate::answer::Json;
use crate::caller::Caller;
use crate::error::ApiError;
use crate::post::{publish, visible};
use crate::server::{Addressed, Shared};

/// Publishes a post. Groups that its recipients name are made when there are none.
pub(super) async fn create(
    Addressed(server): Addressed,
    caller: Caller,
    Incoming(CreatePost { mut post, .. }): Incoming<CreatePost>,
) -> Result<Response, ApiError> {
    caller.require(&Scope::WritePosts)?;
    if let Some(content) = &mut post.content {
        *content = without_view(content).map_err(|error| unsaid(&error))?;
    }
    let groups = post.recipients.iter().filter(|name| !name.contains('.'));
    let converter = converter_with(&server, groups).await?;
    let post = converter.post_to_v0(&post);
    let mut post = post.map_err(|error| unsaid(&error))?;
    if post.content.is_none() {
        post.content = Content::from_json("{}").ok(); // there was a type alone
    }
    let published = publish(&server, &caller, post, Vec::new()).await?;
    created(&server, "posts", published.id.as_str())
}

/// Reads a post that is stored here, or at the server of its entity when the caller wants that.
pub(super) async fn read(
    Addressed(server): Addressed,
    caller: Caller,
    Incoming(call): Incoming<GetPost>,
) -> Result<Json, ApiError> {
    let publisher = publisher(&server, call.entity.as_deref())?;
    let found = match call.fetch {
        Some(Fetch::Force) => None,
        _ => {
            let (account, visible) = (server.account.key, visible(&caller));
            let found = server
                .database
                .post(account, publisher.clone(), call.id.clone(), visible);
            found.await?
        }
    };
    let post = match (found, call.fetch) {
        (Some(found), _) => stored(&found)?,
        (None, Some(Fetch::True | Fetch::Force)) => {
            caller.require(&Scope::ReadPosts)?;
            let post = remote::post(&server, &publisher, call.id).await?;
            post.ok_or_else(ApiError::not_found)?
        }
        (None, _) => return Err(ApiError::not_found()),
    };
    let shown = shown(&converter(&server).await?, &post, None);
    let shown = shown.map_err(|error| {
        let text = format!("the post cannot be said in this dialect: {error}");
        ApiError::new(StatusCode::NOT_ACCEPTABLE, text)
    })?;
    Json::new(&shown)
}

/// The entity of a host name; without one the server's own.
pub(super) fn publisher(server: &Shared, host: Option<&str>) -> Result<Entity, ApiError> {
    let own = || Ok(server.account.entity.clone());
    host.map_or_else(own, |host| {
        convert::entity(host).map_err(|error| ApiError::invalid(error.to_string()))
    })
}
