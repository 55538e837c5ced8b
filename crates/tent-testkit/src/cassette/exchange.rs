//! What a cassette holds.

use std::fmt;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use serde::{Deserialize, Serialize};
use tent_flow::{Delivery, TransportError, TransportErrorKind};

use super::{Json, RecordedBody};

/// A request, and what came of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Exchange {
    /// When the request was sent by the client's clock, in epoch seconds.
    pub at: u64,
    /// The request.
    pub request: RecordedRequest,
    /// The answer, if one came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<RecordedAnswer>,
    /// Why no answer came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<RecordedFailure>,
}

/// A request, without its secrets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RecordedRequest {
    /// The method.
    pub method: String,
    /// The target.
    pub url: String,
    /// The header fields: names with a value, or several.
    #[serde(default = "no_fields", skip_serializing_if = "is_empty")]
    pub headers: Json,
    /// The body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<RecordedBody>,
}

/// An answer, without its secrets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RecordedAnswer {
    /// The status.
    pub status: u16,
    /// The header fields: names with a value, or several.
    #[serde(default = "no_fields", skip_serializing_if = "is_empty")]
    pub headers: Json,
    /// The body, as far as the flow took it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<RecordedBody>,
}

/// Why no answer came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RecordedFailure {
    /// What broke: the name of a [`TransportErrorKind`], in lower case.
    pub kind: String,
    /// Whether the server can have seen the request: `not sent`, or `possible`.
    pub delivery: String,
}

const fn no_fields() -> Json {
    Json::Object(Vec::new())
}

fn is_empty(headers: &Json) -> bool {
    *headers == no_fields()
}

impl RecordedAnswer {
    /// The answer as a flow hears it.
    pub(super) fn response(&self) -> Response<Bytes> {
        let body = self.body.as_ref().map(RecordedBody::bytes);
        let mut response = Response::new(body.unwrap_or_default());
        *response.status_mut() = StatusCode::from_u16(self.status).unwrap_or_default();
        *response.headers_mut() = fields(&self.headers);
        response
    }
}

const KINDS: [(&str, TransportErrorKind); 8] = [
    ("connect", TransportErrorKind::Connect),
    ("timeout", TransportErrorKind::Timeout),
    ("broken", TransportErrorKind::Broken),
    ("too large", TransportErrorKind::TooLarge),
    ("source", TransportErrorKind::Source),
    ("sink", TransportErrorKind::Sink),
    ("address refused", TransportErrorKind::AddressRefused),
    ("unsupported", TransportErrorKind::Unsupported),
];

impl RecordedFailure {
    pub(super) fn of(error: &TransportError) -> Self {
        let mut kinds = KINDS.iter();
        let kind = kinds.find(|(_, kind)| *kind == error.kind());
        let delivery = match error.delivery() {
            Delivery::NotSent => "not sent",
            Delivery::Possible => "possible",
        };
        Self {
            kind: kind.map_or("broken", |(name, _)| name).to_owned(),
            delivery: delivery.to_owned(),
        }
    }

    pub(super) fn error(&self) -> TransportError {
        let kind = KINDS.iter().find(|(name, _)| *name == self.kind);
        let kind = kind.map_or(TransportErrorKind::Broken, |(_, kind)| *kind);
        let delivery = match self.delivery.as_str() {
            "not sent" => Delivery::NotSent,
            _ => Delivery::Possible,
        };
        TransportError::new(kind, delivery).because("it was recorded so")
    }
}

/// Header fields as an object, by name. A name that is there more than once has an array.
pub(super) fn object(fields: Vec<(String, String)>) -> Json {
    let mut members: Vec<(String, Json)> = Vec::new();
    for (name, value) in fields {
        let value = Json::String(value);
        match members.iter_mut().find(|(other, _)| *other == name) {
            None => members.push((name, value)),
            Some((_, Json::Array(values))) => values.push(value),
            Some((_, first)) => *first = Json::Array(vec![first.clone(), value]),
        }
    }
    members.sort_by(|(one, _), (other, _)| one.cmp(other));
    Json::Object(members)
}

fn fields(object: &Json) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let Json::Object(members) = object else {
        return headers;
    };
    for (name, value) in members {
        let values = match value {
            Json::Array(values) => values.as_slice(),
            value => std::slice::from_ref(value),
        };
        for value in values {
            if let Json::String(value) = value
                && let (Ok(name), Ok(value)) =
                    (name.parse::<HeaderName>(), HeaderValue::from_str(value))
            {
                headers.append(name, value);
            }
        }
    }
    headers
}

impl fmt::Display for RecordedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.url)
    }
}
