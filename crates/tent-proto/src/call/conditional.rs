//! Reads of what may not have changed.

use bytes::Bytes;
use http::header::{ETAG, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode};
use serde::{Deserialize, Serialize};
use tent_flow::{Request, Sink};

use super::{Access, Call, Receive, ReceiveError, Received, Replay};
use crate::json::DecodeError;
use crate::{BuildError, Server};

/// A read whose answer says what it can be recognised by, and which costs next to nothing when nothing
/// has changed since. Any call that is a `GET` can be one, pages of lists too;
/// [`if_changed`](Call::if_changed) makes it.
///
/// A server's tag is that of the very bytes of an answer, and what is in them depends on who asks and
/// how: on the credential, on the view, on every parameter. So what is kept must be kept by credential
/// **and** URL, and a tag must never be used with another of either.
///
/// v0.2 servers give an `ETag`, those of v0.1 some `Last-Modified`, and some answers have neither.
///
/// ```
/// use tent_flow::script::{Answer, Script};
/// use tent_proto::Session;
/// use tent_proto::call::{Call, Change, Conditional, GetPost};
///
/// let url = "https://alice.example/posts/p1";
/// let mut server = Script::new()
///     .on("GET", url, Answer::json(r#"{"id":"p1","version":1}"#).header("etag", "\"5d41\""))
///     .on("GET", url, Answer::status(304));
/// let session = Session::anonymous("https://alice.example".parse()?, vec!["https://alice.example".parse()?]);
///
/// let first = server.run(session.call(Conditional::new(GetPost::new("p1"))))?;
/// let Change::Changed { value, validator: Some(tag) } = first else { panic!() };
/// assert_eq!(value.version, Some(1));
///
/// let again = server.run(session.call(GetPost::new("p1").if_changed(&tag)))?;
/// assert!(matches!(again, Change::Unchanged));
/// assert_eq!(server.seen()[1].header("if-none-match"), "\"5d41\"");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Source: RFC 9110 §8.8, §13.1 and §15.4.5; `docs/protocol.md` §1.5 and §9.3.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Conditional<C> {
    /// The read.
    pub call: C,
    /// What is there already, if anything is.
    pub known: Option<Validator>,
}

/// What an answer can be recognised by later. It is the server's text, to be sent back as it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Validator {
    /// A tag, with its quotes.
    #[serde(rename = "etag")]
    ETag(String),
    /// When it last changed, as an HTTP date.
    #[serde(rename = "last_modified")]
    LastModified(String),
}

/// Whether there is anything new.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "there is, or there is not")]
pub enum Change<T> {
    /// Nothing: what is there already holds.
    Unchanged,
    /// This, or else it was not said what is there already.
    Changed {
        /// The answer.
        value: T,
        /// What it can be recognised by, if the server says.
        validator: Option<Validator>,
    },
}

impl<T> Change<T> {
    /// What is new, if anything is.
    pub fn changed(self) -> Option<T> {
        match self {
            Self::Unchanged => None,
            Self::Changed { value, .. } => Some(value),
        }
    }
}

impl<C> Conditional<C> {
    /// A read of what is not there yet.
    pub const fn new(call: C) -> Self {
        Self { call, known: None }
    }

    /// A read of what is not what this stands for.
    #[must_use]
    pub fn since(mut self, known: &Validator) -> Self {
        self.known = Some(known.clone());
        self
    }
}

impl Validator {
    /// What an answer says: its tag, or else when it last changed.
    pub fn of(headers: &HeaderMap) -> Option<Self> {
        let text = |name| text(headers, name);
        let date = || text(LAST_MODIFIED).map(Self::LastModified);
        text(ETAG).map(Self::ETag).or_else(date)
    }

    /// What a request says is there already. A tag outranks a date.
    fn in_request(headers: &HeaderMap) -> Option<Self> {
        let text = |name| text(headers, name);
        let date = || text(IF_MODIFIED_SINCE).map(Self::LastModified);
        text(IF_NONE_MATCH).map(Self::ETag).or_else(date)
    }

    fn condition(&self) -> Result<(HeaderName, HeaderValue), BuildError> {
        let (name, label, text) = match self {
            Self::ETag(tag) => (IF_NONE_MATCH, "If-None-Match", tag),
            Self::LastModified(date) => (IF_MODIFIED_SINCE, "If-Modified-Since", date),
        };
        let value = HeaderValue::from_str(text).map_err(|_| BuildError::Header(label))?;
        Ok((name, value))
    }
}

/// A field that says something, in a text that can be sent back.
fn text(headers: &HeaderMap, name: HeaderName) -> Option<String> {
    let text = headers.get(name)?.to_str().ok()?.trim();
    Some(text.to_owned()).filter(|text| !text.is_empty())
}

impl<C: Call> Call for Conditional<C> {
    type Answer = Change<C::Answer>;

    fn access(&self) -> Access {
        self.call.access()
    }

    fn replay(&self) -> Replay {
        self.call.replay()
    }

    /// The condition is sent with `GET` and `HEAD` alone: for other methods it would mean something else.
    fn request(&self, server: &Server) -> Result<Request, BuildError> {
        let request = self.call.request(server)?;
        let is_read = matches!(request.method, Method::GET | Method::HEAD);
        let Some(known) = self.known.as_ref().filter(|_| is_read) else {
            return Ok(request);
        };
        let (name, value) = known.condition()?;
        Ok(request.with_header(name, value))
    }

    fn answer(
        &self,
        server: &Server,
        answer: Response<Bytes>,
    ) -> Result<Self::Answer, DecodeError> {
        if answer.status() == StatusCode::NOT_MODIFIED {
            return Ok(Change::Unchanged);
        }
        let validator = Validator::of(answer.headers());
        let value = self.call.answer(server, answer)?;
        Ok(Change::Changed { value, validator })
    }

    /// A `304` is an answer to who said what is there already, and to nobody else.
    fn accepts(&self, status: StatusCode) -> bool {
        let is_unchanged = status == StatusCode::NOT_MODIFIED && self.known.is_some();
        is_unchanged || self.call.accepts(status)
    }

    fn sink(&self) -> Box<dyn Sink> {
        self.call.sink()
    }
}

impl<C: Receive> Receive for Conditional<C> {
    fn receive(request: &Received<'_>) -> Result<Self, ReceiveError> {
        Ok(Self {
            call: C::receive(request)?,
            known: Validator::in_request(request.headers()),
        })
    }
}
