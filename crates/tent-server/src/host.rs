//! Which hosts a server answers for, and under which authority a request came.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::HOST;
use url::Url;

use crate::error::ApiError;
use crate::server::Shared;

/// The host and port that a request names.
///
/// Source: `docs/protocol.md` §5.2.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Authority {
    /// In lower case; IPv6 addresses in brackets.
    pub(crate) host: String,
    pub(crate) port: u16,
}

impl Authority {
    /// The authority of a URL.
    pub(crate) fn of(url: &Url) -> Option<Self> {
        Some(Self {
            host: url.host_str()?.to_owned(),
            port: url.port_or_known_default()?,
        })
    }

    /// Reads a `Host` header. Without a port it has the default one.
    fn parse(text: &str, default_port: u16) -> Option<Self> {
        let authority: http::uri::Authority = text.parse().ok()?;
        let port = match text.strip_prefix(authority.host())? {
            "" => default_port,
            after => after.strip_prefix(':')?.parse().ok()?,
        };
        Some(Self {
            host: authority.host().to_ascii_lowercase(),
            port,
        })
    }
}

/// Lets requests pass that are meant for this server, with their [`Authority`]. Pages that lead a
/// browser here by another name get nothing from it.
pub(crate) async fn require(
    State(server): State<Shared>,
    mut request: Request,
    next: Next,
) -> Response {
    let header = request
        .headers()
        .get(HOST)
        .map(|value| value.to_str().unwrap_or_default());
    let Some(text) = header.or_else(|| request.uri().authority().map(http::uri::Authority::as_str))
    else {
        return ApiError::bad_request("the request has no Host header").into_response();
    };
    let Some(authority) = Authority::parse(text, server.default_port()) else {
        return ApiError::bad_request("the Host header is not a host").into_response();
    };
    if !server.authorities().contains(&authority) {
        let error = ApiError::new(
            StatusCode::MISDIRECTED_REQUEST,
            "this server does not answer for that host",
        );
        return error.into_response();
    }
    request.extensions_mut().insert(authority);
    next.run(request).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_read_as_headers_have_them() {
        let parse = |text| Authority::parse(text, 443).map(|it| (it.host, it.port));
        assert_eq!(parse("Alice.Example"), Some(("alice.example".into(), 443)));
        assert_eq!(
            parse("alice.example:8443"),
            Some(("alice.example".into(), 8443))
        );
        assert_eq!(parse("[::1]:80"), Some(("[::1]".into(), 80)));
        for text in [
            "",
            "me@alice.example",
            "alice.example:port",
            "alice.example:99999",
            "a b",
            "a/b",
        ] {
            assert_eq!(parse(text), None, "{text:?}");
        }
    }
}
