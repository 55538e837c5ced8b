//! Calls as a server receives them.

use std::borrow::Cow;
use std::str::FromStr;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, Method};
use percent_encoding::percent_decode_str;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use url::form_urlencoded;

use super::Call;
use crate::json::{DecodeError, decode, decode_secret};

/// A call that a server can read from a request: what [`Call::request`] builds, and what clients of
/// other makes write for the same call.
///
/// ```
/// use http::{HeaderMap, Method};
/// use tent_proto::call::{GetPost, Receive, Received};
///
/// let (headers, body) = (HeaderMap::new(), "".into());
/// let request = Received::new(&Method::GET, "/posts/p1", Some("version=2"), &headers, &body)?;
/// let call = GetPost::receive(&request)?;
/// assert_eq!((call.id.as_str(), call.version), ("p1", Some(2)));
/// # Ok::<(), tent_proto::call::ReceiveError>(())
/// ```
pub trait Receive: Call + Sized {
    /// Reads the call.
    ///
    /// # Errors
    ///
    /// When the request is another call, or one that cannot be understood.
    fn receive(request: &Received<'_>) -> Result<Self, ReceiveError>;
}

/// A request that a server received: what its calls are read from.
#[derive(Debug, Clone)]
pub struct Received<'a> {
    method: &'a Method,
    path: &'a str,
    query: Option<&'a str>,
    segments: Vec<Cow<'a, str>>,
    pairs: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    headers: &'a HeaderMap,
    body: &'a Bytes,
}

/// Why a request is not some call.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReceiveError {
    /// It has another method or path.
    #[error("the request is another call")]
    OtherCall,
    /// A segment of the path, or what stands in it, has no meaning.
    #[error("the path has a segment that means nothing: {0:?}")]
    Segment(String),
    /// A parameter of the query has a value without meaning.
    #[error("the parameter {name} cannot be {value:?}")]
    Parameter {
        /// Its name.
        name: &'static str,
        /// Its value.
        value: String,
    },
    /// The body is not of a media type that can be read.
    #[error("the body must be JSON, with a Content-Type that says so")]
    MediaType,
    /// The body is JSON, but no object.
    #[error("the body must be an object")]
    NotAnObject,
    /// The body is not what the call takes.
    #[error("the body cannot be read")]
    Body(#[source] DecodeError),
}

impl<'a> Received<'a> {
    /// A request for a path below the server's root, as in `/posts/p1`, still percent-encoded, and a
    /// query likewise.
    ///
    /// # Errors
    ///
    /// When a segment of the path is not UTF-8 once it is decoded.
    pub fn new(
        method: &'a Method,
        path: &'a str,
        query: Option<&'a str>,
        headers: &'a HeaderMap,
        body: &'a Bytes,
    ) -> Result<Self, ReceiveError> {
        let path = path.strip_prefix('/').unwrap_or(path);
        let path = path.strip_suffix('/').unwrap_or(path);
        let decoded = path.split('/').map(|segment| {
            let decoded = percent_decode_str(segment).decode_utf8();
            decoded.map_err(|_| ReceiveError::Segment(segment.to_owned()))
        });
        Ok(Self {
            method,
            path,
            query,
            segments: decoded.collect::<Result<_, _>>()?,
            pairs: form_urlencoded::parse(query.unwrap_or_default().as_bytes()).collect(),
            headers,
            body,
        })
    }

    /// The same request, by its path below a first segment, as a server reads it that has more than one
    /// root.
    ///
    /// # Errors
    ///
    /// When its path does not begin with the segment.
    pub fn below(&self, segment: &str) -> Result<Self, ReceiveError> {
        let (first, path) = self.path.split_once('/').unwrap_or((self.path, ""));
        if first != segment {
            return Err(ReceiveError::OtherCall);
        }
        let mut below = self.clone();
        below.path = path;
        below.segments.remove(0);
        Ok(below)
    }

    /// The segments that stand for `:names` of a pattern such as `posts/:id`. A `HEAD` is a `GET`, too.
    ///
    /// # Errors
    ///
    /// When the method or the path is another one.
    pub fn matching<const N: usize>(
        &self,
        method: &Method,
        pattern: &str,
    ) -> Result<[&str; N], ReceiveError> {
        let parts = || pattern.split('/').filter(|part| !part.is_empty());
        let pairs = || parts().zip(self.segments.iter().map(Cow::as_ref));
        let is_variable = |part: &str| part.starts_with(':');
        let fits = |(part, segment): (&str, &str)| {
            if is_variable(part) {
                !segment.is_empty()
            } else {
                part == segment
            }
        };
        let is_method =
            self.method == method || (self.method == Method::HEAD && method == Method::GET);
        if !is_method || parts().count() != self.segments.len() || !pairs().all(fits) {
            return Err(ReceiveError::OtherCall);
        }
        let variables = pairs().filter(|(part, _)| is_variable(part));
        let variables: Vec<_> = variables.map(|(_, segment)| segment).collect();
        variables.try_into().map_err(|_| ReceiveError::OtherCall)
    }

    /// The request for the list that this one counts, `HEAD` of it or a read of the `count` below it,
    /// and whether it is the latter (`docs/protocol.md` §6.0.2).
    pub(super) fn counted(&self) -> Result<(Self, bool), ReceiveError> {
        let mut list = self.clone();
        list.method = &Method::GET;
        let last = list.segments.last();
        let below = list.segments.len() == 2 && last.is_some_and(|last| last == "count");
        if below {
            list.segments.pop();
        }
        match *self.method {
            Method::HEAD => Ok((list, below)),
            Method::GET if below => Ok((list, below)),
            _ => Err(ReceiveError::OtherCall),
        }
    }

    /// A segment as what it stands for.
    ///
    /// # Errors
    ///
    /// When it does not.
    pub fn segment<T: FromStr>(segment: &str) -> Result<T, ReceiveError> {
        let parsed = segment.parse();
        parsed.map_err(|_| ReceiveError::Segment(segment.to_owned()))
    }

    /// The method.
    pub const fn method(&self) -> &Method {
        self.method
    }

    /// The path below the server's root as it was sent, without slashes at its ends.
    pub const fn path(&self) -> &str {
        self.path
    }

    /// The query as it was sent.
    pub const fn query(&self) -> Option<&str> {
        self.query
    }

    /// The pairs of the query, decoded, in their order.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        let pairs = self.pairs.iter();
        pairs.map(|(name, value)| (name.as_ref(), value.as_ref()))
    }

    /// The first value of a parameter, unless that is empty.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let found = self.pairs().find(|(other, _)| *other == name);
        found
            .map(|(_, value)| value)
            .filter(|value| !value.is_empty())
    }

    /// A parameter as what it stands for.
    ///
    /// # Errors
    ///
    /// When it is there and does not.
    pub fn parsed_parameter<T: FromStr>(
        &self,
        name: &'static str,
    ) -> Result<Option<T>, ReceiveError> {
        let Some(value) = self.parameter(name) else {
            return Ok(None);
        };
        let parsed = value.parse();
        parsed.map(Some).map_err(|_| ReceiveError::Parameter {
            name,
            value: value.to_owned(),
        })
    }

    /// The headers.
    pub const fn headers(&self) -> &HeaderMap {
        self.headers
    }

    /// The body.
    pub const fn body(&self) -> &Bytes {
        self.body
    }

    /// The object in the body.
    ///
    /// # Errors
    ///
    /// When the body is of another media type, or not such an object.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, ReceiveError> {
        decode(self.object()?).map_err(ReceiveError::Body)
    }

    /// The object in the body, where that holds a secret: an error does not show it.
    ///
    /// # Errors
    ///
    /// As those of [`json`](Self::json).
    pub fn secret_json<T: DeserializeOwned>(&self) -> Result<T, ReceiveError> {
        decode_secret(self.object()?).map_err(ReceiveError::Body)
    }

    /// The objects of the array in the body. One object alone counts as an array of it
    /// (`docs/protocol.md` §8.7).
    ///
    /// # Errors
    ///
    /// When the body is of another media type, or holds anything else.
    pub fn json_list<T: DeserializeOwned>(&self) -> Result<Vec<T>, ReceiveError> {
        let body = self.json_body()?;
        if !body.trim_ascii_start().starts_with(b"[") {
            return Ok(vec![self.json()?]);
        }
        // serde would take arrays for objects here, too.
        let items: Vec<&RawValue> = decode(body).map_err(ReceiveError::Body)?;
        if !items.iter().all(|item| item.get().starts_with('{')) {
            return Err(ReceiveError::NotAnObject);
        }
        decode(body).map_err(ReceiveError::Body)
    }

    fn object(&self) -> Result<&Bytes, ReceiveError> {
        let body = self.json_body()?;
        // serde would take the elements of an array for members, in their order.
        if body.trim_ascii_start().starts_with(b"[") {
            return Err(ReceiveError::NotAnObject);
        }
        Ok(body)
    }

    fn json_body(&self) -> Result<&Bytes, ReceiveError> {
        let content_type = self.headers.get(CONTENT_TYPE);
        let content_type = content_type.and_then(|value| value.to_str().ok());
        let essence = content_type.and_then(|value| value.split(';').next());
        let essence = essence.unwrap_or_default().trim().to_ascii_lowercase();
        if !essence.ends_with("json") {
            return Err(ReceiveError::MediaType);
        }
        Ok(self.body)
    }
}
