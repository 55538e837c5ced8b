//! Requests as the calls of tent-proto.

mod depth;

use std::error::Error as _;

use axum::extract::{FromRequest, Request};
use bytes::Bytes;
use http::StatusCode;
use http::request::Parts;
use tent_proto::call::{Receive, ReceiveError, Received};
use tent_proto::json::DecodeError;

use crate::body;
use crate::error::ApiError;
use crate::server::{self, Shared};

/// How long bodies may be, in bytes, where nothing else is said.
pub(crate) const LIMIT: usize = 1024 * 1024;

/// The call that a request makes, whose body is of at most `MOST` bytes.
///
/// Source: `docs/protocol.md` §6.
#[derive(Debug)]
pub(crate) struct Incoming<C, const MOST: usize = LIMIT>(pub(crate) C);

impl<C: Receive, const MOST: usize> FromRequest<()> for Incoming<C, MOST> {
    type Rejection = ApiError;

    async fn from_request(request: Request, (): &()) -> Result<Self, ApiError> {
        let server = &server::of(request.extensions())?;
        read(request, server, MOST, C::receive).await.map(Self)
    }
}

/// Reads a request, whose body is of at most `limit` bytes, as something.
pub(crate) async fn read<T>(
    request: Request,
    server: &Shared,
    limit: usize,
    receive: impl FnOnce(&Received<'_>) -> Result<T, ReceiveError>,
) -> Result<T, ApiError> {
    let (parts, body) = request.into_parts();
    let body = body::read(&parts.headers, body, limit).await?;
    parse(&parts, &body, server, receive)
}

/// Reads a request whose body has come as something.
pub(crate) fn parse<T>(
    parts: &Parts,
    body: &Bytes,
    server: &Shared,
    receive: impl FnOnce(&Received<'_>) -> Result<T, ReceiveError>,
) -> Result<T, ApiError> {
    depth::check(body)?;
    let path = parts.uri.path();
    let path = path.strip_prefix(server.root_path()).unwrap_or(path);
    let query = parts.uri.query();
    let received = Received::new(&parts.method, path, query, &parts.headers, body)?;
    Ok(receive(&received)?)
}

impl From<ReceiveError> for ApiError {
    fn from(error: ReceiveError) -> Self {
        match &error {
            ReceiveError::OtherCall | ReceiveError::Segment(_) => Self::not_found(),
            ReceiveError::MediaType => {
                Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, error.to_string())
            }
            ReceiveError::NotAnObject | ReceiveError::Parameter { .. } => {
                Self::invalid(error.to_string())
            }
            ReceiveError::Body(cause) => unreadable(cause),
            _ => Self::bad_request(error.to_string()),
        }
    }
}

/// Says what is wrong with a body, and where.
fn unreadable(error: &DecodeError) -> ApiError {
    let cause = error.source();
    let text = cause.map_or_else(|| error.to_string(), |cause| format!("{error}: {cause}"));
    match error {
        DecodeError::Json { cause, .. } if cause.is_data() => ApiError::invalid(text),
        DecodeError::Missing(_) | DecodeError::Unusable(..) => ApiError::invalid(text),
        _ => ApiError::bad_request(text),
    }
}
