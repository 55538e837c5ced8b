//! JSON in requests.

use axum::body::{Body, to_bytes};
use axum::extract::{FromRequest, Request};
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;
use std::error::Error;
use tent_proto::json::{DecodeError, decode};

use crate::error::ApiError;
use crate::server::Shared;

/// How long a body may be, in bytes.
pub(crate) const LIMIT: usize = 1024 * 1024;

/// A body of any JSON type.
///
/// Source: `docs/protocol.md` §1.4.
#[derive(Debug)]
pub(crate) struct JsonBody<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<Shared> for JsonBody<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &Shared) -> Result<Self, ApiError> {
        let (parts, body) = request.into_parts();
        check_type(&parts.headers)?;
        let body = read(&parts.headers, body).await?;
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

async fn read(headers: &HeaderMap, body: Body) -> Result<bytes::Bytes, ApiError> {
    let too_large = || {
        ApiError::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "the body is longer than 1 MiB",
        )
    };
    let declared = headers
        .get(CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if declared.is_some_and(|length| length > LIMIT as u64) {
        return Err(too_large());
    }
    to_bytes(body, LIMIT).await.map_err(|error| {
        // axum wraps the limit's error, and has no name for it.
        let is_limit = error
            .source()
            .is_some_and(|cause| cause.to_string().contains("length limit"));
        if is_limit {
            too_large()
        } else {
            ApiError::bad_request("the body broke off")
        }
    })
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
