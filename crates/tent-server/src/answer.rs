//! Successful answers: JSON with a validator, or nothing.

use std::fmt::Write as _;

use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::{
    CACHE_CONTROL, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, IF_NONE_MATCH, LINK,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use http_body::Body as _;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::error::ApiError;

/// Tent's media type.
pub(crate) const MEDIA_TYPE: &str = "application/vnd.tent.v0+json";

/// JSON, with its `ETag`.
///
/// Source: `docs/protocol.md` §1.5.
#[derive(Debug)]
pub(crate) struct Json(Bytes);

impl Json {
    pub(crate) fn new(value: &impl Serialize) -> Result<Self, ApiError> {
        let text = serde_json::to_vec(value).map_err(|error| ApiError::internal(&error))?;
        Ok(Self(text.into()))
    }

    /// An answer whose body is already JSON.
    pub(crate) fn text(json: impl Into<Bytes>) -> Self {
        Self(json.into())
    }

    /// The answer with more headers.
    pub(crate) fn with(self, headers: HeaderMap) -> Response {
        let mut response = self.into_response();
        response.headers_mut().extend(headers);
        response
    }

    /// Keeps an answer that holds secrets out of all caches.
    pub(crate) fn unstored(self) -> Response {
        let mut response = self.into_response();
        response
            .headers_mut()
            .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }
}

/// How many items a list has on all its pages.
pub(crate) const COUNT: HeaderName = HeaderName::from_static("count");

/// The `Link` header, when there are links.
pub(crate) fn link(links: Option<String>) -> Option<(HeaderName, HeaderValue)> {
    let links = HeaderValue::try_from(links?).ok()?;
    Some((LINK, links))
}

/// Half of a SHA-256, in hexadecimal, between quotes.
fn etag(body: &[u8]) -> String {
    let mut etag = String::with_capacity(2 + 32);
    etag.push('"');
    for byte in Sha256::digest(body).iter().take(16) {
        let _ = write!(etag, "{byte:02x}"); // to a string, which takes all
    }
    etag.push('"');
    etag
}

impl IntoResponse for Json {
    fn into_response(self) -> Response {
        let etag = HeaderValue::try_from(etag(&self.0));
        let mut response = self.0.into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        headers.insert(
            CACHE_CONTROL,
            HeaderValue::from_static("max-age=0, private, must-revalidate"),
        );
        headers.extend(etag.ok().map(|etag| (ETAG, etag)));
        response
    }
}

/// Turns the answer to a read into `304` when the client has it already.
///
/// Source: RFC 9110 §13.1.2.
pub(crate) async fn revalidate(
    request: Request,
    next: impl AsyncFnOnce(Request) -> Response,
) -> Response {
    let is_head = *request.method() == Method::HEAD;
    let is_read = is_head || *request.method() == Method::GET;
    let wanted = request
        .headers()
        .get(IF_NONE_MATCH)
        .filter(|_| is_read)
        .cloned();
    let response = next(request).await;
    let Some(wanted) = wanted else {
        return response;
    };
    let is_whole_or_part = matches!(
        response.status(),
        StatusCode::OK | StatusCode::PARTIAL_CONTENT
    );
    if !is_whole_or_part || !matches_any(&wanted, response.headers()) {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    parts.status = StatusCode::NOT_MODIFIED;
    parts.headers.remove(CONTENT_RANGE);
    parts.headers.remove(CONTENT_TYPE);
    parts.headers.remove(CONTENT_LENGTH);
    if let Some(length) = body.size_hint().exact().filter(|_| is_head) {
        // Or else it would be said to be zero (RFC 9110 §8.6).
        parts.headers.insert(CONTENT_LENGTH, length.into());
    }
    Response::from_parts(parts, axum::body::Body::empty())
}

fn matches_any(wanted: &HeaderValue, headers: &HeaderMap) -> bool {
    let (Ok(wanted), Some(Ok(etag))) =
        (wanted.to_str(), headers.get(ETAG).map(HeaderValue::to_str))
    else {
        return false;
    };
    // Our tags hold no commas, so those of others may come apart here.
    wanted
        .split(',')
        .map(str::trim)
        .any(|one| one == "*" || one.trim_start_matches("W/") == etag)
}
