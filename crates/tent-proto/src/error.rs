//! Why a call gave no answer.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode, header};
use tent_flow::{TransportError, TransportErrorKind, UrlRefused};
use url::Url;

use crate::FindPost;
use crate::json::DecodeError;

/// Why a call gave no answer. It is the same type under every driver.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CallError {
    /// The request could not be made from what was given. Nothing was sent.
    #[error("the request could not be made")]
    Build(#[from] BuildError),
    /// No server answered, and sending again is safe, since none can have done what was asked, or
    /// doing it twice is doing it once.
    #[error("no answer came from {url}")]
    NoAnswer {
        /// What was asked last.
        url: Box<Url>,
        /// Why no answer came.
        #[source]
        cause: TransportError,
    },
    /// The request may have been received, no answer tells, and sending it again could do the thing
    /// twice.
    #[error("no answer came from {url}, and whether the request was carried out is unknown")]
    OutcomeUnknown {
        /// What was asked.
        url: Box<Url>,
        /// Why no answer came.
        #[source]
        cause: TransportError,
        /// For a post that was to be published: the flow that looks whether it is there.
        search: Option<Box<FindPost>>,
    },
    /// The server's limit is used up, and waiting would take longer than the
    /// [`Policy`](crate::Policy) allows.
    #[error(
        "the limit of {url} is used up: another {} seconds are to be waited, and at most {} in all are allowed",
        wait.as_secs_f64().ceil(), longest.as_secs()
    )]
    RateLimited {
        /// What was to be asked.
        url: Box<Url>,
        /// How long would have to be waited from now on.
        wait: Duration,
        /// How long one call may wait in all.
        longest: Duration,
        /// The answer that said so, when this call got it.
        refusal: Option<Box<Refusal>>,
    },
    /// A server answered, and did not do what was asked.
    #[error(transparent)]
    Refused(Box<Refusal>),
    /// A server answered with success, and with something else than the protocol promises.
    #[error("the answer of {url} could not be read")]
    Decode {
        /// What was asked.
        url: Box<Url>,
        /// What is wrong with the answer.
        #[source]
        cause: DecodeError,
    },
    /// The credential was renewed, and could not be saved, so that it is not used. The next call tries to
    /// save it again.
    #[error("the renewed credential could not be saved, and is not used")]
    NotSaved(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// More items of a list are of one second than a page can hold, so that there is no way past them
    /// that leaves none out.
    #[error("more items are of one second than {url} can hold in a page")]
    Ties {
        /// What was asked.
        url: Box<Url>,
    },
}

impl CallError {
    /// The status of the answer, if one came that was no success.
    pub fn status(&self) -> Option<StatusCode> {
        self.refusal().map(Refusal::status)
    }

    /// The answer, if one came that was no success.
    pub const fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refused(refusal)
            | Self::RateLimited {
                refusal: Some(refusal),
                ..
            } => Some(refusal),
            _ => None,
        }
    }

    /// Whether asking again later may help: no server answered, or it was too much, or the server had no
    /// time.
    pub fn may_pass(&self) -> bool {
        use TransportErrorKind::{Broken, Connect, Timeout};
        match self {
            Self::NoAnswer { cause, .. } => matches!(cause.kind(), Connect | Timeout | Broken),
            Self::RateLimited { .. } => true,
            Self::Refused(refusal) => {
                matches!(refusal.status().as_u16(), 408 | 429 | 500 | 502..=599)
            }
            _ => false,
        }
    }

    /// Whether the credential is dead: revoked or expired. Only approving the app again helps.
    pub fn is_dead_credential(&self) -> bool {
        self.refusal().is_some_and(Refusal::is_dead_credential)
    }
}

/// Why a request could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// There is no server to ask.
    #[error("the entity has no server")]
    NoServer,
    /// The call needs a credential, and the session has none.
    #[error("the call must be signed, and the session has no credential")]
    NoCredentials,
    /// The URL may not be asked.
    #[error("the server's URL may not be asked")]
    Refused(#[from] UrlRefused),
    /// A part of the path would be collapsed.
    #[error("{0:?} cannot be a part of a path")]
    Segment(String),
    /// A path leads out of the server's root.
    #[error(
        "the path {0:?} does not stay below the server's root, or is not written as a URL writes it"
    )]
    Path(String),
    /// The URL is of another origin than the server, so nothing signed may go there.
    #[error("{0} is not on the server that the session belongs to")]
    OtherOrigin(Box<Url>),
    /// What came out is not a URL.
    #[error("the URL is not valid")]
    Url(#[source] url::ParseError),
    /// The body could not be written.
    #[error("the body could not be written as JSON")]
    Json(#[source] serde_json::Error),
    /// A file cannot be attached.
    #[error("the attachment {0:?} {1}")]
    Attachment(String, &'static str),
    /// A call goes by way of a server that passes on `GET` alone.
    #[error("{0} is not passed on to the server of another entity, only GET is")]
    NotPassedOn(Method),
    /// A post of the draft that is not for everybody names no recipients, and so would be.
    #[error("the post is not for everybody, and without recipients it would be")]
    NoRecipients,
    /// A header could not be written.
    #[error("the {0} header could not be written")]
    Header(&'static str),
}

/// An answer that is no success: its status, its header fields, its body as it came.
///
/// `Debug` leaves out the fields and the body, which may repeat what was sent, keys included.
pub struct Refusal {
    method: Method,
    url: Url,
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl Refusal {
    pub(crate) fn new(method: Method, url: Url, answer: http::Response<Bytes>) -> Self {
        let (head, body) = answer.into_parts();
        Self {
            method,
            url,
            status: head.status,
            headers: head.headers,
            body,
        }
    }

    /// The method of the request.
    pub const fn method(&self) -> &Method {
        &self.method
    }

    /// What was asked.
    pub const fn url(&self) -> &Url {
        &self.url
    }

    /// The status.
    pub const fn status(&self) -> StatusCode {
        self.status
    }

    /// The header fields.
    pub const fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The body, as it came.
    pub const fn body(&self) -> &Bytes {
        &self.body
    }

    /// What the server says of it: the `error` member of a JSON body, else a text body, else nothing.
    /// It is for people to read: at most 300 characters, and no control characters
    /// (`docs/protocol.md` §1.9).
    pub fn text(&self) -> Option<String> {
        #[derive(serde::Deserialize)]
        struct ErrorBody {
            error: String,
        }
        let text = match serde_json::from_slice(&self.body) {
            Ok(ErrorBody { error }) => Cow::Owned(error),
            Err(_) => {
                let text = String::from_utf8_lossy(&self.body);
                let is_text = !text.trim_start().starts_with(['<', '{', '[']);
                Some(text).filter(|_| is_text)?
            }
        };
        let plain = text.trim().chars().filter(|c| !c.is_control());
        Some(plain.take(300).collect()).filter(|text: &String| !text.is_empty())
    }

    /// Whether the credential is dead: unknown to the server, revoked or expired. Any other `401`
    /// says something else, such as that the clock is wrong (`docs/protocol.md` §1.9).
    pub fn is_dead_credential(&self) -> bool {
        // Servers before 13 October 2012 said it with 403.
        matches!(self.status.as_u16(), 401 | 403)
            && self
                .text()
                .is_some_and(|text| text.contains("Invalid MAC Key ID"))
    }

    /// Whether the server says that the request was signed at another time than it has: a `401` that
    /// speaks of the timestamp, in its text or in `WWW-Authenticate` (`docs/protocol.md` §5.3).
    pub fn is_stale_timestamp(&self) -> bool {
        let speaks_of_it = |text: &str| {
            let text = text.to_ascii_lowercase();
            text.contains("timestamp") || text.contains("stale")
        };
        let mut challenges = self.headers.get_all(header::WWW_AUTHENTICATE).iter();
        self.status == StatusCode::UNAUTHORIZED
            && (self.text().is_some_and(|text| speaks_of_it(&text))
                || challenges.any(|value| value.to_str().is_ok_and(speaks_of_it)))
    }

    /// Where the server would send the request, if it answered with a redirect. Only `GET` and `HEAD`
    /// are followed, and only on the same server.
    pub fn location(&self) -> Option<&str> {
        let is_redirect = self.status.is_redirection();
        let value = self.headers.get(header::LOCATION).filter(|_| is_redirect)?;
        value.to_str().ok()
    }
}

impl fmt::Debug for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Refusal")
            .field("method", &self.method)
            .field("url", &self.url.as_str())
            .field("status", &self.status)
            .field("text", &self.text())
            .finish_non_exhaustive()
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            method,
            url,
            status,
            ..
        } = self;
        write!(f, "{method} {url} was answered with {status}")?;
        match (self.text(), self.location()) {
            (_, Some(location)) => write!(f, ", pointing to {location}"),
            (Some(text), None) if Some(text.as_str()) != status.canonical_reason() => {
                write!(f, ": {text}")
            }
            _ => Ok(()),
        }
    }
}

impl std::error::Error for Refusal {}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(status: u16, body: &'static str) -> Refusal {
        let mut answer = http::Response::new(Bytes::from_static(body.as_bytes()));
        *answer.status_mut() = StatusCode::from_u16(status).unwrap();
        let url = Url::parse("https://alice.example/posts").unwrap();
        Refusal::new(Method::GET, url, answer)
    }

    #[test]
    fn the_text_is_json_or_plain_but_never_a_page() {
        assert_eq!(
            refusal(404, r#"{"error":"Not Found"}"#).text().unwrap(),
            "Not Found"
        );
        assert_eq!(
            refusal(403, "Invalid MAC Signature\n").text().unwrap(),
            "Invalid MAC Signature"
        );
        assert_eq!(refusal(502, "<html>Bad</html>").text(), None);
        assert_eq!(refusal(500, " ").text(), None);
        assert_eq!(
            refusal(403, r#"{"error":"Unauthorized"}"#).to_string(),
            "GET https://alice.example/posts was answered with 403 Forbidden: Unauthorized"
        );
        assert_eq!(
            refusal(404, r#"{"error":"Not Found"}"#).to_string(),
            "GET https://alice.example/posts was answered with 404 Not Found"
        );
    }

    #[test]
    fn what_a_server_says_is_short_and_plain_and_the_rest_stays_out_of_debug() {
        let hostile = refusal(400, r#"{"error":"a\u001b[2Jb","code":"5ecret"}"#);
        assert_eq!(hostile.text().unwrap(), "a[2Jb");
        assert!(!format!("{hostile:?} {hostile}").contains("5ecret"));
        let endless: &str = format!(r#"{{"error":"{}"}}"#, "x".repeat(1000)).leak();
        assert_eq!(refusal(400, endless).text().unwrap().len(), 300);
        assert_eq!(refusal(400, r#"{"error":" "}"#).text(), None);
    }

    #[test]
    fn only_an_unknown_id_is_a_dead_credential() {
        assert!(refusal(401, r#"{"error":"Invalid MAC Key ID"}"#).is_dead_credential());
        assert!(refusal(403, "Invalid MAC Key ID").is_dead_credential());
        assert!(!refusal(401, r#"{"error":"Stale timestamp"}"#).is_dead_credential());
        assert!(!refusal(403, r#"{"error":"Unauthorized"}"#).is_dead_credential());
        assert!(!refusal(401, "").is_dead_credential());
        assert!(!refusal(404, "Invalid MAC Key ID").is_dead_credential());
    }

    #[test]
    fn a_stale_timestamp_is_told_by_text_or_challenge() {
        assert!(refusal(401, r#"{"error":"Stale MAC Timestamp"}"#).is_stale_timestamp());
        assert!(!refusal(403, r#"{"error":"Stale MAC Timestamp"}"#).is_stale_timestamp());
        assert!(!refusal(401, "Invalid MAC Key ID").is_stale_timestamp());
        assert!(!refusal(401, "Replayed MAC Nonce").is_stale_timestamp());
        let mut challenged = refusal(401, "");
        let challenge = r#"MAC error="The timestamp is too old""#.parse().unwrap();
        challenged
            .headers
            .insert(header::WWW_AUTHENTICATE, challenge);
        assert!(challenged.is_stale_timestamp());
    }
}
