//! Signing: what a client writes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use hmac::Mac as _;
use http::header::{AUTHORIZATION, InvalidHeaderValue};
use http::{HeaderValue, Method};
use tent_flow::Request;
use url::Url;

use super::Credentials;
use super::credentials::KeyState;
use super::decimal::Decimal;
use super::normalized::{Fields, host, port, target};

/// When a request is signed, and the nonce that makes it one of a kind. Each attempt takes a new one.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::exhaustive_structs, reason = "the scheme has these two")]
pub struct Stamp<'a> {
    /// The time, in epoch seconds.
    pub timestamp: u64,
    /// Letters and digits that were never used before with this id and timestamp.
    pub nonce: &'a str,
}

// What stands between the values of a header; what is before the timestamp is the credential's own.
const NONCE: &[u8] = b"\", nonce=\"";
const MAC: &[u8] = b"\", mac=\"";
const END: &[u8] = b"\"";

impl Credentials {
    /// The value of the `Authorization` header for a request to `url`: the scheme and the attributes
    /// `id`, `ts`, `nonce` and `mac`, separated by commas. Allocates the text, once.
    ///
    /// Source: draft-ietf-oauth-v2-http-mac-01 §3.1; `docs/protocol.md` §5.1.
    pub fn sign(&self, method: &Method, url: &Url, stamp: Stamp<'_>) -> String {
        // It is put together from text, so this is never the default.
        String::from_utf8(self.header(method, url, stamp)).unwrap_or_default()
    }

    /// The same as a header value, marked sensitive, so that neither logs nor compression tables keep
    /// it.
    ///
    /// # Errors
    ///
    /// When the nonce cannot stand in a header.
    pub fn authorization(
        &self,
        method: &Method,
        url: &Url,
        stamp: Stamp<'_>,
    ) -> Result<HeaderValue, InvalidHeaderValue> {
        let header = Bytes::from(self.header(method, url, stamp));
        let mut value = HeaderValue::from_maybe_shared(header)?;
        value.set_sensitive(true);
        Ok(value)
    }

    /// Signs a request for sending now, replacing what signature it had.
    ///
    /// # Errors
    ///
    /// When the nonce cannot stand in a header.
    pub fn sign_request(
        &self,
        request: &mut Request,
        stamp: Stamp<'_>,
    ) -> Result<(), InvalidHeaderValue> {
        let value = self.authorization(&request.method, &request.url, stamp)?;
        request.headers.insert(AUTHORIZATION, value);
        Ok(())
    }

    fn header(&self, method: &Method, url: &Url, stamp: Stamp<'_>) -> Vec<u8> {
        let timestamp = Decimal::new(stamp.timestamp);
        let port = port(url);
        let fields = Fields([
            timestamp.as_bytes(),
            stamp.nonce.as_bytes(),
            method.as_str().as_bytes(),
            target(url).as_bytes(),
            host(url).as_bytes(),
            port.as_bytes(),
            b"",
        ]);
        let mut room = [0; 44];
        let mac = self.mac(fields, &mut room);
        let (start, timestamp) = (self.header_start().as_bytes(), timestamp.as_bytes());
        let nonce = stamp.nonce.as_bytes();
        let values = start.len() + timestamp.len() + nonce.len() + mac.len();
        let mut header = Vec::with_capacity(values + NONCE.len() + MAC.len() + END.len());
        header.extend_from_slice(start);
        header.extend_from_slice(timestamp);
        header.extend_from_slice(NONCE);
        header.extend_from_slice(nonce);
        header.extend_from_slice(MAC);
        header.extend_from_slice(mac);
        header.extend_from_slice(END);
        header
    }

    /// The MAC of a normalized request string, in base64, written into `room`.
    fn mac<'r>(&self, fields: Fields<'_>, room: &'r mut [u8; 44]) -> &'r [u8] {
        let encoded = match self.state() {
            KeyState::Sha1(keyed) => {
                let mac = fields.feed(keyed).finalize().into_bytes();
                BASE64.encode_slice(mac, room.as_mut_slice())
            }
            KeyState::Sha256(keyed) => {
                let mac = fields.feed(keyed).finalize().into_bytes();
                BASE64.encode_slice(mac, room.as_mut_slice())
            }
        };
        // 32 bytes take 44 characters and 20 take 28, so there is room.
        &room[..encoded.unwrap_or(0)]
    }
}
