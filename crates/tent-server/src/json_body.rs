//! JSON in requests.

use axum::extract::{FromRequest, Request};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;
use std::error::Error;
use tent_proto::json::{DecodeError, decode};

use crate::body;
use crate::error::ApiError;
use crate::server::Shared;

/// A body of any JSON type, of at most `LIMIT` bytes.
///
/// Source: `docs/protocol.md` §1.4.
#[derive(Debug)]
pub(crate) struct JsonBody<T, const LIMIT: usize = { 1024 * 1024 }>(pub(crate) T);

impl<T: DeserializeOwned, const LIMIT: usize> FromRequest<Shared> for JsonBody<T, LIMIT> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &Shared) -> Result<Self, ApiError> {
        let (parts, body) = request.into_parts();
        check_type(&parts.headers)?;
        let body = body::read(&parts.headers, body, LIMIT).await?;
        // serde would take the elements of an array for members, in their order.
        if body.trim_ascii_start().starts_with(b"[") {
            return Err(ApiError::invalid("the body must be an object"));
        }
        decode(&body).map(Self).map_err(|error| refusal(&error))
    }
}

fn check_type(headers: &HeaderMap) -> Result<(), ApiError> {
    let content_type = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let essence = content_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    if essence.ends_with("json") {
        Ok(())
    } else if essence.starts_with("multipart/") {
        Err(ApiError::not_yet("attachments"))
    } else {
        let text = "the body must be JSON, with a Content-Type that says so";
        Err(ApiError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, text))
    }
}

/// Says what is wrong, and where.
fn refusal(error: &DecodeError) -> ApiError {
    let text = match error.source() {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    };
    match error {
        DecodeError::Json { cause, .. } if cause.is_data() => ApiError::invalid(text),
        _ => ApiError::bad_request(text),
    }
}
