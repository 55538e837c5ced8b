//! Which hosts a server answers for, and under which authority a request came.

use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::HOST;
use url::Url;

use crate::error::ApiError;
use crate::forwarded;
use crate::resources::Resources;
use crate::server::Shared;

/// The host and port that a request names, and that it was signed for.
///
/// Source: `docs/protocol.md` §5.2.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Authority {
    /// In lower case; IPv6 addresses in brackets.
    pub(crate) host: String,
    pub(crate) port: u16,
    /// Whether it is the port of its scheme, which `Host` headers leave out.
    is_default: bool,
}

impl Authority {
    /// The authority of a URL.
    pub(crate) fn of(url: &Url) -> Option<Self> {
        Some(Self {
            host: url.host_str()?.to_owned(),
            port: url.port_or_known_default()?,
            is_default: url.port().is_none(),
        })
    }

    /// Whether a `Host` header names it.
    fn is_named(&self, host: &str, port: Option<u16>) -> bool {
        self.host == host && port.map_or(self.is_default, |port| self.port == port)
    }
}

/// The host that a request is for, and the port if it names one: what a proxy that is believed says,
/// else the target, if that has a host, else the `Host` header (RFC 9112 §3.2.2).
pub(crate) fn named(
    request: &Request,
    resources: &Resources,
) -> Result<(String, Option<u16>), &'static str> {
    if let Some(host) = forwarded::host(request, resources) {
        return parse(&host).ok_or("the X-Forwarded-Host header is not a host");
    }
    let mut headers = request.headers().get_all(HOST).iter();
    let header = headers.next();
    if headers.next().is_some() {
        return Err("the request has several Host headers");
    }
    let text = match request.uri().authority() {
        Some(authority) => authority.as_str(),
        None => header
            .ok_or("the request has no Host header")?
            .to_str()
            .unwrap_or_default(),
    };
    parse(text).ok_or("the Host header is not a host")
}

/// Reads a `Host` header: the host in lower case, and the port if there is one.
fn parse(text: &str) -> Option<(String, Option<u16>)> {
    let authority: http::uri::Authority = text.parse().ok()?;
    let port = match text.strip_prefix(authority.host())? {
        "" => None,
        after => Some(after.strip_prefix(':')?.parse().ok()?),
    };
    Some((authority.host().to_ascii_lowercase(), port))
}

/// Lets requests pass that are meant for this server, with their [`Authority`]. Pages that lead a
/// browser here by another name get nothing from it.
pub(crate) async fn require(
    server: &Shared,
    mut request: Request,
    next: impl AsyncFnOnce(Request) -> Response,
) -> Response {
    let (host, port) = match named(&request, server) {
        Ok(named) => named,
        Err(text) => return ApiError::bad_request(text).into_response(),
    };
    let mut authorities = server.authorities().iter();
    let Some(authority) = authorities.find(|one| one.is_named(&host, port)).cloned() else {
        return misdirected().into_response();
    };
    request.extensions_mut().insert(authority);
    next(request).await
}

/// The refusal of a host that there is not.
pub(crate) fn misdirected() -> ApiError {
    ApiError::new(
        StatusCode::MISDIRECTED_REQUEST,
        "this server does not answer for that host",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_read_as_headers_have_them() {
        for (text, host, port) in [
            ("Alice.Example", "alice.example", None),
            ("alice.example:8443", "alice.example", Some(8443)),
            ("[::1]:80", "[::1]", Some(80)),
        ] {
            assert_eq!(parse(text), Some((host.into(), port)));
        }
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
