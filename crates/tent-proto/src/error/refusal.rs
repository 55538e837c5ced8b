//! What a server says when it does not do what was asked.

use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode, header};
use url::Url;

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
