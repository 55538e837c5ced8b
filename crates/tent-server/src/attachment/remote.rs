//! Files of other entities' posts, which stay where they come from: they are passed on as they come.
//!
//! Source: `docs/protocol.md` §6.6.6.

mod fetch;
mod pipe;

use std::sync::Arc;

use axum::body::Body;
use axum::response::Response;
use http::header::{
    ACCEPT_RANGES, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE, ETAG, IF_RANGE, LAST_MODIFIED,
    RANGE,
};
use http::response::Parts;
use http::{HeaderMap, HeaderName, StatusCode};
use tent_proto::call::GetAttachment;
use tent_proto::{CallError, Entity};

use self::fetch::Fetch;
use self::pipe::pipe;
use super::accept::Accept;
use super::head;
use crate::caller::Caller;
use crate::error::ApiError;
use crate::relation::through;
use crate::server::Shared;

/// What a reader may ask of a part, as the other server is asked.
const ASKED: [HeaderName; 2] = [RANGE, IF_RANGE];

/// What is said of a file as its own server says it. What it is the post says.
const PASSED_ON: [HeaderName; 6] = [
    ACCEPT_RANGES,
    CONTENT_ENCODING,
    CONTENT_LENGTH,
    CONTENT_RANGE,
    ETAG,
    LAST_MODIFIED,
];

/// Answers with a file of a post of somebody who is followed, for apps that see the post. For a `HEAD`
/// it is broken off after its head.
pub(super) async fn read(
    server: &Shared,
    caller: &Caller,
    publisher: Entity,
    call: GetAttachment,
    headers: &HeaderMap,
) -> Result<Response, ApiError> {
    let (session, post) =
        through::post_with_files(server, caller, publisher, call.post.clone()).await?;
    let is_named = |name: &Option<String>| name.as_ref() == Some(&call.name);
    let named = post.attachments.into_iter();
    let named: Vec<_> = named
        .filter(|one| is_named(&one.name))
        .filter_map(|one| one.media_type)
        .collect();
    let media_type = Accept::of(headers).choose(&named, |one| one);
    let media_type = media_type.ok_or_else(ApiError::not_found)?;
    let place = server.peers.place_for_files();
    let place = place.ok_or_else(|| {
        let text = "too many files are fetched from other servers now";
        ApiError::new(StatusCode::SERVICE_UNAVAILABLE, text)
    })?;

    let (sender, receiver) = pipe(server.attachment_limits.file, place);
    let fetch = Fetch {
        file: GetAttachment::new(call.post, &call.name, media_type),
        asked: asked(headers),
        sender,
    };
    let (flow, server) = (session.call(fetch), Arc::clone(server));
    let fetching = tokio::spawn(async move { server.peers.run(flow).await });
    if let Some((head, content)) = receiver.begin().await {
        return Ok(answer(&call.name, media_type, &head, Body::new(content)));
    }
    let ended = fetching.await.map_err(|error| ApiError::internal(&error))?;
    Err(match ended? {
        Err(CallError::Refused(refused)) if refused.status().is_client_error() => {
            ApiError::not_found()
        }
        Err(error) => through::unanswered(&error),
        Ok(()) => ApiError::not_found(), // nobody waits anymore
    })
}

fn asked(headers: &HeaderMap) -> HeaderMap {
    let fields = ASKED.into_iter().filter_map(|name| {
        let value = headers.get(&name)?.clone();
        Some((name, value))
    });
    fields.collect()
}

fn answer(name: &str, media_type: &str, theirs: &Parts, content: Body) -> Response {
    let mut response = Response::new(content);
    *response.status_mut() = theirs.status;
    let headers = response.headers_mut();
    *headers = head::describe(name, media_type);
    headers.remove(ACCEPT_RANGES);
    for name in PASSED_ON {
        if let Some(value) = theirs.headers.get(&name) {
            headers.insert(name, value.clone());
        }
    }
    response
}
