//! Between the contract and `reqwest`.

use http::header::{CONTENT_LENGTH, HOST};
use http::{HeaderValue, Method};
use tent_flow::{AddressRule, Delivery, Request, SchemeRule, TransportError, TransportErrorKind};
use url::{Host, Url};

use crate::resolver;
use crate::streamed_body::{Progress, SourceFailed, StreamedBody};

/// A body up to this size, in bytes, goes out at once.
const SMALL: u64 = 64 * 1024;

/// Refuses what is no HTTP URL, and addresses written in it that the rule forbids. The resolver
/// looks after names.
pub(crate) fn check(url: &Url, rule: AddressRule) -> Result<(), TransportError> {
    SchemeRule::HttpAnywhere
        .check(url)
        .map_err(TransportError::unsupported)?;
    let address = match url.host() {
        Some(Host::Ipv4(address)) => address.into(),
        Some(Host::Ipv6(address)) => address.into(),
        Some(Host::Domain(_)) | None => return Ok(()),
    };
    rule.check(address).map_err(TransportError::address_refused)
}

/// The request, and how far its body has got.
pub(crate) fn request(request: Request) -> (reqwest::Request, Progress) {
    let mut headers = request.headers;
    headers.remove(HOST);
    headers.remove(CONTENT_LENGTH);
    let expects_body = matches!(request.method, Method::POST | Method::PUT | Method::PATCH);
    if expects_body && request.body.is_empty() {
        headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
    }
    let mut converted = reqwest::Request::new(request.method, request.url);
    *converted.headers_mut() = headers;
    let mut progress = Progress::default();
    *converted.body_mut() = match request.body.len() {
        0 => None,
        1..=SMALL => Some(match request.body.into_bytes() {
            Ok(bytes) => bytes.into(),
            Err(body) => StreamedBody::start(body, &mut progress),
        }),
        _ => Some(StreamedBody::start(request.body, &mut progress)),
    };
    (converted, progress)
}

/// What broke while the body of the answer was read.
pub(crate) fn broken(because: reqwest::Error) -> TransportError {
    let kind = if because.is_timeout() {
        TransportErrorKind::Timeout
    } else {
        TransportErrorKind::Broken
    };
    TransportError::new(kind, Delivery::Possible).because(because.without_url())
}

/// What broke before the head of the answer had come.
pub(crate) fn error(because: reqwest::Error) -> TransportError {
    if let Some(refusal) = resolver::refusal(&because) {
        return TransportError::address_refused(refusal);
    }
    let (kind, delivery) = if SourceFailed::is_cause_of(&because) {
        (TransportErrorKind::Source, Delivery::Possible)
    } else if because.is_builder() {
        (TransportErrorKind::Unsupported, Delivery::NotSent)
    } else if because.is_connect() && because.is_timeout() {
        (TransportErrorKind::Timeout, Delivery::NotSent)
    } else if because.is_connect() {
        (TransportErrorKind::Connect, Delivery::NotSent)
    } else {
        return broken(because);
    };
    TransportError::new(kind, delivery).because(because.without_url())
}
