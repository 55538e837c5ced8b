//! Signing: what a client writes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use hmac::Mac as _;
use http::header::AUTHORIZATION;
use http::{HeaderValue, Method};
use tent_flow::Request;
use url::Url;

use super::credentials::KeyState;
use super::decimal::Decimal;
use super::{Credentials, Normalized};

/// When a request is signed, and the nonce that makes it one of a kind. Each attempt takes a new one.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::exhaustive_structs, reason = "the scheme has these two")]
pub struct Stamp<'a> {
    /// The time, in epoch seconds.
    pub timestamp: u64,
    /// Letters and digits that were never used before with this id and timestamp.
    pub nonce: &'a str,
}

/// A MAC in base64, on the stack.
pub(super) struct MacText {
    text: [u8; 44],
    length: usize,
}

impl MacText {
    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.text[..self.length]
    }
}

impl Credentials {
    /// The value of the `Authorization` header for a request to `url`: the scheme and the attributes
    /// `id`, `ts`, `nonce` and `mac`, separated by commas. Allocates the text, once.
    ///
    /// Source: draft-ietf-oauth-v2-http-mac-01 §3.1; `docs/protocol.md` §5.1.
    pub fn sign(&self, method: &Method, url: &Url, stamp: Stamp<'_>) -> String {
        let normalized = Normalized::for_url(method.as_str(), url, stamp.timestamp, stamp.nonce);
        let mac = self.mac(&normalized);
        let timestamp = Decimal::new(stamp.timestamp);
        // Base64 is ASCII, so this is never the default.
        let mac = std::str::from_utf8(mac.as_bytes()).unwrap_or_default();
        let pieces = [
            "MAC id=\"",
            self.id(),
            "\", ts=\"",
            timestamp.as_str(),
            "\", nonce=\"",
            stamp.nonce,
            "\", mac=\"",
            mac,
            "\"",
        ];
        let mut text = String::with_capacity(pieces.iter().map(|piece| piece.len()).sum());
        for piece in pieces {
            text.push_str(piece);
        }
        text
    }

    /// Signs a request for sending now, replacing what signature it had. The header is marked
    /// sensitive, so that neither logs nor compression tables keep it.
    ///
    /// # Errors
    ///
    /// When the nonce cannot stand in a header.
    pub fn sign_request(
        &self,
        request: &mut Request,
        stamp: Stamp<'_>,
    ) -> Result<(), http::header::InvalidHeaderValue> {
        let text = self.sign(&request.method, &request.url, stamp);
        let mut value = HeaderValue::from_maybe_shared(Bytes::from(text))?;
        value.set_sensitive(true);
        request.headers.insert(AUTHORIZATION, value);
        Ok(())
    }

    /// The MAC of a normalized request string, in base64.
    pub(super) fn mac(&self, normalized: &Normalized<'_>) -> MacText {
        let mut text = [0; 44];
        let encoded = match self.state() {
            KeyState::Sha1(state) => {
                let mut state = state.clone();
                normalized.feed(|piece| state.update(piece));
                BASE64.encode_slice(state.finalize().into_bytes(), &mut text)
            }
            KeyState::Sha256(state) => {
                let mut state = state.clone();
                normalized.feed(|piece| state.update(piece));
                BASE64.encode_slice(state.finalize().into_bytes(), &mut text)
            }
        };
        // 32 bytes take 44 characters and 20 take 28, so there is room; without any, nothing verifies.
        let length = encoded.unwrap_or(0);
        MacText { text, length }
    }
}
