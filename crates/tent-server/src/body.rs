//! The bodies of requests, read whole, within limits of length and time.

use std::error::Error as _;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use bytes::Bytes;
use http::header::CONTENT_LENGTH;
use http::{HeaderMap, StatusCode};
use tokio::time::timeout;

use crate::error::ApiError;
use crate::query::Query;

/// How long a body may take to come.
const TIME: Duration = Duration::from_secs(30);

/// How long a form may be, in bytes.
const FORM_LIMIT: usize = 64 * 1024;

/// Reads a form. What is no UTF-8 in it is replaced.
pub(crate) async fn form(headers: &HeaderMap, body: Body) -> Result<Query, ApiError> {
    let body = read(headers, body, FORM_LIMIT).await?;
    Ok(Query::parse(&String::from_utf8_lossy(&body)))
}

/// Reads a body of at most `limit` bytes.
pub(crate) async fn read(headers: &HeaderMap, body: Body, limit: usize) -> Result<Bytes, ApiError> {
    let too_long = || {
        let text = format!("the body is longer than {} KiB", limit / 1024);
        ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, text)
    };
    let declared = headers
        .get(CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if declared.is_some_and(|length| length > limit as u64) {
        return Err(too_long());
    }
    let read = timeout(TIME, to_bytes(body, limit))
        .await
        .map_err(|_| ApiError::new(StatusCode::REQUEST_TIMEOUT, "the body did not come in time"))?;
    read.map_err(|error| {
        // axum wraps the limit's error, and has no name for it.
        let is_limit = error
            .source()
            .is_some_and(|cause| cause.to_string().contains("length limit"));
        if is_limit {
            too_long()
        } else {
            ApiError::bad_request("the body broke off")
        }
    })
}
