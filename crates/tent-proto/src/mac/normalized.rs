//! The normalized request string: what is signed, on both sides.

use std::fmt;

use hmac::Mac;
use url::{Position, Url};

use super::Header;
use super::decimal::Decimal;

/// The normalized request string: seven fields, each followed by a line feed.
///
/// Source: draft-ietf-oauth-v2-http-mac-01 §3.2.1; `docs/protocol.md` §5.2. `Display` writes it.
#[derive(Debug, Clone, Copy)]
pub struct Normalized<'a> {
    timestamp: Timestamp<'a>,
    nonce: &'a str,
    method: &'a str,
    target: &'a str,
    host: &'a str,
    port: Port,
    ext: &'a [u8],
}

/// A timestamp is signed as it is written, be it by us or by whoever sent it.
#[derive(Debug, Clone, Copy)]
enum Timestamp<'a> {
    Received(&'a str),
    Made(Decimal),
}

/// How long a string is put together on the stack, to be hashed in one piece. Most have 150 bytes.
const STACK: usize = 256;

impl<'a> Normalized<'a> {
    /// The string for a request that a server received with this header. `target` is the request
    /// target as it was received, in origin form; `host` and `port` are those of the `Host` header,
    /// or the scheme's default port. The `ext` field is the header's.
    #[inline]
    pub fn new(
        header: &Header<'a>,
        method: &'a str,
        target: &'a str,
        host: &'a str,
        port: u16,
    ) -> Self {
        Self {
            timestamp: Timestamp::Received(header.timestamp_text()),
            nonce: header.nonce(),
            method,
            target,
            host,
            port: Port::Own(Decimal::new(u64::from(port))),
            ext: header.ext().as_bytes(),
        }
    }

    /// The string for a request to `url`, to be sent at `timestamp` (epoch seconds).
    pub fn for_url(method: &'a str, url: &'a Url, timestamp: u64, nonce: &'a str) -> Self {
        Self {
            timestamp: Timestamp::Made(Decimal::new(timestamp)),
            nonce,
            method,
            target: target(url),
            host: host(url),
            port: port(url),
            ext: b"",
        }
    }

    /// The same with another seventh field. Before 28 September 2012 servers expected the body of
    /// the request there (`docs/protocol.md` §5.6).
    #[must_use]
    pub const fn with_ext(mut self, ext: &'a [u8]) -> Self {
        self.ext = ext;
        self
    }

    pub(super) const fn has_ext(&self) -> bool {
        !self.ext.is_empty()
    }

    #[inline]
    pub(super) fn fields(&self) -> Fields<'_> {
        let timestamp = match &self.timestamp {
            Timestamp::Received(text) => text.as_bytes(),
            Timestamp::Made(number) => number.as_bytes(),
        };
        Fields([
            timestamp,
            self.nonce.as_bytes(),
            self.method.as_bytes(),
            self.target.as_bytes(),
            self.host.as_bytes(),
            self.port.as_bytes(),
            self.ext,
        ])
    }
}

#[inline]
pub(super) fn target(url: &Url) -> &str {
    &url[Position::BeforePath..Position::AfterQuery]
}

#[inline]
pub(super) fn host(url: &Url) -> &str {
    url.host_str().unwrap_or_default()
}

/// The port of an https or http URL; no others are ever sent.
#[inline]
pub(super) fn port(url: &Url) -> Port {
    match url.port() {
        Some(port) => Port::Own(Decimal::new(u64::from(port))),
        None if url.scheme() == "https" => Port::Default("443"),
        None => Port::Default("80"),
    }
}

/// Most URLs have the port of their scheme, which is then not made from a number each time.
#[derive(Debug, Clone, Copy)]
pub(super) enum Port {
    Default(&'static str),
    Own(Decimal),
}

impl Port {
    #[inline]
    pub(super) fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Default(text) => text.as_bytes(),
            Self::Own(number) => number.as_bytes(),
        }
    }
}

/// The fields of the string, wherever they are. Signing keeps its numbers where it made them: to move
/// bytes that were just written makes the processor wait.
#[derive(Clone, Copy)]
pub(super) struct Fields<'a>(pub(super) [&'a [u8]; 7]);

impl Fields<'_> {
    /// Feeds the string to a clone of `keyed`: in one piece from the stack when it is short, as it
    /// nearly always is, else field by field. The clone is made last, which gives the processor the
    /// time to finish writing what is then read.
    #[inline]
    pub(super) fn feed<M: Mac + Clone>(&self, keyed: &M) -> M {
        let length: usize = self.0.iter().map(|field| field.len() + 1).sum();
        if length > STACK {
            let mut state = keyed.clone();
            for field in self.0 {
                state.update(field);
                state.update(b"\n");
            }
            return state;
        }
        let mut buffer = [b'\n'; STACK];
        let mut rest = &mut buffer[..];
        for field in self.0 {
            let (place, after) = rest.split_at_mut(field.len() + 1);
            copy(field, &mut place[..field.len()]);
            rest = after;
        }
        let mut state = keyed.clone();
        state.update(&buffer[..length]);
        state
    }
}

/// Copies a field. Most are so short that calling `memcpy` would take longer than two moves, which may
/// overlap.
#[inline]
fn copy(field: &[u8], place: &mut [u8]) {
    let ends = (field.first_chunk::<8>(), field.last_chunk::<8>());
    match (field.len(), ends) {
        (0..8, _) => {
            for (to, from) in place.iter_mut().zip(field) {
                *to = *from;
            }
        }
        (8..=16, (Some(start), Some(end))) => {
            let second = place.len() - 8; // it is as long as the field
            place[..8].copy_from_slice(start);
            place[second..].copy_from_slice(end);
        }
        _ => place.copy_from_slice(field),
    }
}

impl fmt::Display for Normalized<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for field in self.fields().0 {
            writeln!(f, "{}", String::from_utf8_lossy(field))?;
        }
        Ok(())
    }
}
