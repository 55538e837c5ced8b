//! The bodies of requests, read within limits of length and time.

pub(crate) mod rest;

use std::error::Error as _;
use std::future::poll_fn;
use std::pin::Pin;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use bytes::Bytes;
use http::header::CONTENT_LENGTH;
use http::{HeaderMap, StatusCode};
use http_body::Body as _;
use tokio::time::timeout;

use crate::error::ApiError;
use crate::query::Query;

/// How long a body may take to come, or each piece of one that is read by pieces.
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
    if declared(headers).is_some_and(|length| length > limit as u64) {
        return Err(too_long());
    }
    let read = timeout(TIME, to_bytes(body, limit))
        .await
        .map_err(|_| too_late())?;
    read.map_err(|error| {
        // axum wraps the limit's error, and has no name for it.
        let is_limit = error
            .source()
            .is_some_and(|cause| cause.to_string().contains("length limit"));
        if is_limit { too_long() } else { broke_off() }
    })
}

/// How long a body is, as the head of its request says.
pub(crate) fn declared(headers: &HeaderMap) -> Option<u64> {
    let length = headers.get(CONTENT_LENGTH)?;
    length.to_str().ok()?.parse().ok()
}

/// The next piece of a body; nothing at its end.
pub(crate) async fn next(body: &mut Body) -> Result<Option<Bytes>, ApiError> {
    loop {
        let frame = poll_fn(|context| Pin::new(&mut *body).poll_frame(context));
        let frame = timeout(TIME, frame).await.map_err(|_| too_late())?;
        let Some(frame) = frame else { return Ok(None) };
        let frame = frame.map_err(|_| broke_off())?;
        if let Ok(data) = frame.into_data() {
            return Ok(Some(data));
        }
    }
}

fn too_late() -> ApiError {
    ApiError::new(StatusCode::REQUEST_TIMEOUT, "the body did not come in time")
}

fn broke_off() -> ApiError {
    ApiError::bad_request("the body broke off")
}
