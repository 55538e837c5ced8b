//! Errors as answers.

use std::borrow::Cow;
use std::error::Error;

use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use serde::Serialize;

use crate::answer::MEDIA_TYPE;
use crate::storage::{DatabaseError, StorageError};

/// A refusal: a status, and a text for the `error` member of the body.
///
/// Source: tent.io 0.2, app-server; `docs/protocol.md` §1.9.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ApiError {
    status: StatusCode,
    text: Cow<'static, str>,
}

const STALE_TIMESTAMP: &str = "Stale MAC Timestamp";

impl ApiError {
    pub(crate) fn new(status: StatusCode, text: impl Into<Cow<'static, str>>) -> Self {
        Self {
            status,
            text: text.into(),
        }
    }

    pub(crate) const fn status(&self) -> StatusCode {
        self.status
    }

    pub(crate) fn bad_request(text: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, text)
    }

    /// The credential is no good. The text decides what a client does about it.
    pub(crate) fn unauthenticated(text: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, text)
    }

    /// The signature is of another time. The challenge says so too, since a `HEAD` has no body, and its
    /// client has a clock to mend (draft-ietf-oauth-v2-http-mac-01 §4.1).
    pub(crate) fn stale_timestamp() -> Self {
        Self::unauthenticated(STALE_TIMESTAMP)
    }

    /// The caller may not do this.
    pub(crate) fn unauthorized() -> Self {
        Self::new(StatusCode::FORBIDDEN, "Unauthorized")
    }

    /// There is no such thing, or none that the caller may see.
    pub(crate) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "Not Found")
    }

    pub(crate) fn invalid(text: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, text)
    }

    /// Something failed on this side. The cause is for the log alone.
    pub(crate) fn internal(cause: &dyn Error) -> Self {
        tracing::error!(cause = %Chain(cause), "a request failed");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")
    }
}

impl std::fmt::Display for ApiError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

impl Error for ApiError {}

/// An error and its causes on one line.
struct Chain<'a>(&'a dyn Error);

impl std::fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)?;
        let mut causes = std::iter::successors(self.0.source(), |&error| error.source());
        causes.try_for_each(|cause| write!(f, ": {cause}"))
    }
}

impl From<StorageError> for ApiError {
    fn from(error: StorageError) -> Self {
        match error {
            StorageError::Replayed => Self::unauthenticated("Replayed MAC Nonce"),
            StorageError::Database(DatabaseError::Full) => {
                tracing::error!("there is no room left for the database");
                Self::new(
                    StatusCode::INSUFFICIENT_STORAGE,
                    "there is no room left on the server",
                )
            }
            StorageError::Database(
                error @ (DatabaseError::Unreachable(_)
                | DatabaseError::Untrusted(_)
                | DatabaseError::Denied(_)),
            ) => {
                tracing::error!(cause = %Chain(&error), "the database cannot be reached");
                Self::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "the database cannot be reached",
                )
            }
            error => Self::internal(&error),
        }
    }
}

#[derive(Serialize)]
struct Body<'a> {
    error: &'a str,
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let body = serde_json::to_vec(&Body { error: &self.text }).unwrap_or_default();
        let mut response = (self.status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        if self.status == StatusCode::UNAUTHORIZED {
            let challenge = match &*self.text {
                STALE_TIMESTAMP => "MAC error=\"Stale MAC Timestamp\"",
                _ => "MAC",
            };
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        }
        match self.status {
            StatusCode::INSUFFICIENT_STORAGE => {
                headers.insert(RETRY_AFTER, HeaderValue::from_static("60"));
            }
            StatusCode::SERVICE_UNAVAILABLE => {
                headers.insert(RETRY_AFTER, HeaderValue::from_static("5"));
            }
            _ => {}
        }
        response
    }
}
