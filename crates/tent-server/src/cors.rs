//! What pages of other origins may do: all that the protocol has, since it uses no cookies. With `*`
//! browsers send none, so the pages for the owner are to them what they are to a stranger.
//!
//! Source: `docs/protocol.md` §1.5.

use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ORIGIN,
};
use http::{HeaderValue, Method, StatusCode};

/// Answers `OPTIONS`, and lets pages of other origins read the other answers.
pub(crate) async fn allow(
    request: Request,
    next: impl AsyncFnOnce(Request) -> Response,
) -> Response {
    let has_origin = request.headers().contains_key(ORIGIN);
    let is_options = request.method() == Method::OPTIONS;
    let mut response = if is_options {
        StatusCode::OK.into_response()
    } else {
        next(request).await
    };
    let headers = response.headers_mut();
    if has_origin {
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        headers.insert(
            ACCESS_CONTROL_ALLOW_HEADERS,
            HeaderValue::from_static("Content-Type, Authorization"),
        );
        headers.insert(
            ACCESS_CONTROL_EXPOSE_HEADERS,
            HeaderValue::from_static(
                "Count, Link, Location, Retry-After, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset",
            ),
        );
    }
    if is_options {
        let methods = HeaderValue::from_static("GET, POST, HEAD, PUT, DELETE, PATCH, OPTIONS");
        headers.insert(ACCESS_CONTROL_ALLOW_METHODS, methods);
        headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("2592000"));
    }
    response
}
