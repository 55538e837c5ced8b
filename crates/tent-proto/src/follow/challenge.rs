//! The challenge to a server that asks to follow.

use std::fmt;
use std::io;
use std::mem;
use std::ops::ControlFlow;
use std::str::FromStr;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use http::response::Parts;
use http::{HeaderValue, Response};
use tent_flow::{Seed, Sink};

/// What the server of a follower has to repeat, to show that it is the one that asked.
///
/// Servers make 64 hexadecimal digits; from others, up to 256 letters, digits, `-`, `.`, `_` and `~`
/// are taken, so that nothing is repeated that a browser could take for a page.
///
/// Source: tent.io 0.2, server-protocol; `docs/protocol.md` §6.8.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Challenge(String);

/// A text that nobody has to repeat: it is empty, too long, or holds other characters than those of a
/// [`Challenge`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the challenge is empty, too long, or holds what need not be repeated")]
#[non_exhaustive]
pub struct InvalidChallenge;

impl Challenge {
    /// A challenge of 64 hexadecimal digits.
    pub fn new(seed: Seed) -> Self {
        let digits = seed.into_bytes().map(|byte| format!("{byte:02x}"));
        Self(digits.concat())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The answer of a server that does want to follow: `200`, and the challenge as plain text.
    pub fn answer(&self) -> Response<Bytes> {
        let mut answer = Response::new(Bytes::from(self.0.clone()));
        let headers = answer.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain"));
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        answer
    }
}

impl fmt::Display for Challenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Challenge {
    type Err = InvalidChallenge;

    fn from_str(text: &str) -> Result<Self, InvalidChallenge> {
        let is_plain =
            |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
        if (1..=256).contains(&text.len()) && text.bytes().all(is_plain) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidChallenge)
        }
    }
}

/// Keeps the beginning of a body, and reads no further.
#[derive(Debug)]
pub(crate) struct Beginning {
    length: usize,
    kept: Vec<u8>,
}

impl Beginning {
    /// Keeps this many bytes.
    pub(crate) const fn of(length: usize) -> Self {
        Self {
            length,
            kept: Vec::new(),
        }
    }
}

impl Sink for Beginning {
    fn begin(&mut self, _: &Parts) {
        self.kept.clear();
    }

    fn chunk(&mut self, bytes: &[u8]) -> io::Result<ControlFlow<()>> {
        let room = self.length.saturating_sub(self.kept.len());
        self.kept.extend(bytes.iter().take(room));
        Ok(if self.kept.len() < self.length {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        })
    }

    fn finish(&mut self) -> io::Result<Bytes> {
        Ok(mem::take(&mut self.kept).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_challenge_is_64_digits_and_those_of_others_are_plain() {
        let challenge = Challenge::new(Seed::new([0xa7; 32]));
        assert_eq!(challenge.as_str(), "a7".repeat(32));
        assert_eq!(challenge.as_str().parse(), Ok(challenge));
        for text in ["", "<script>", "a b", "ä", &"a".repeat(257)] {
            assert_eq!(text.parse::<Challenge>(), Err(InvalidChallenge), "{text}");
        }
        assert!("A-z.0_~".parse::<Challenge>().is_ok());
    }

    #[test]
    fn no_more_is_kept_than_is_looked_at() {
        let mut sink = Beginning::of(5);
        let (head, ()) = Response::new(()).into_parts();
        sink.begin(&head);
        assert_eq!(sink.chunk(b"abc").unwrap(), ControlFlow::Continue(()));
        assert_eq!(sink.chunk(b"defgh").unwrap(), ControlFlow::Break(()));
        assert_eq!(sink.finish().unwrap(), "abcde");
    }
}
