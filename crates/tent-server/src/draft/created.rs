//! What was created, as the draft answers it: where it is, and nothing more.
//!
//! Source: `docs/protocol.md` §8.2.

use axum::response::{IntoResponse, Response};
use http::header::LOCATION;
use http::{HeaderValue, StatusCode};

use super::root;
use crate::error::ApiError;
use crate::server::Shared;

/// `201`, with the `Location` of what has this id.
pub(super) fn created(server: &Shared, path: &str, id: &str) -> Result<Response, ApiError> {
    let location = location(server, path, id)?;
    Ok((StatusCode::CREATED, [(LOCATION, location)]).into_response())
}

pub(super) fn location(server: &Shared, path: &str, id: &str) -> Result<HeaderValue, ApiError> {
    let url = root(server)?.endpoint(path).segment(id).url();
    let url = url.map_err(|error| ApiError::internal(&error))?;
    HeaderValue::try_from(url.as_str()).map_err(|error| ApiError::internal(&error))
}
