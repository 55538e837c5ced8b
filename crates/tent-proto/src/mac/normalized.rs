//! The normalized request string: what is signed, on both sides.

use std::fmt;

use url::{Position, Url};

use super::Header;
use super::decimal::Decimal;

/// The normalized request string: seven fields, each followed by a line feed.
///
/// Source: draft-ietf-oauth-v2-http-mac-01 §3.2.1; `docs/protocol.md` §5.2. `Display` writes it.
#[derive(Debug, Clone, Copy)]
pub struct Normalized<'a> {
    timestamp: Text<'a>,
    nonce: &'a str,
    method: &'a str,
    target: &'a str,
    host: &'a str,
    port: Decimal,
    ext: &'a [u8],
}

/// A timestamp is signed as it is written, be it by us or by whoever sent it.
#[derive(Debug, Clone, Copy)]
enum Text<'a> {
    Written(&'a str),
    Number(Decimal),
}

impl Text<'_> {
    fn as_str(&self) -> &str {
        match self {
            Text::Written(text) => text,
            Text::Number(number) => number.as_str(),
        }
    }
}

impl<'a> Normalized<'a> {
    /// The string for a request that a server received with this header. `target` is the request
    /// target as it was received, in origin form; `host` and `port` are those of the `Host` header,
    /// or the scheme's default port. The `ext` field is the header's.
    pub fn new(
        header: &Header<'a>,
        method: &'a str,
        target: &'a str,
        host: &'a str,
        port: u16,
    ) -> Self {
        Self {
            timestamp: Text::Written(header.timestamp_text()),
            nonce: header.nonce(),
            method,
            target,
            host,
            port: Decimal::new(u64::from(port)),
            ext: header.ext().as_bytes(),
        }
    }

    /// The string for a request to `url`, to be sent at `timestamp` (epoch seconds).
    pub fn for_url(method: &'a str, url: &'a Url, timestamp: u64, nonce: &'a str) -> Self {
        Self {
            timestamp: Text::Number(Decimal::new(timestamp)),
            nonce,
            method,
            target: &url[Position::BeforePath..Position::AfterQuery],
            host: url.host_str().unwrap_or_default(),
            // Only URLs of other schemes have no port, and those are never sent.
            port: Decimal::new(u64::from(url.port_or_known_default().unwrap_or_default())),
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

    fn fields(&self) -> [&[u8]; 7] {
        [
            self.timestamp.as_str().as_bytes(),
            self.nonce.as_bytes(),
            self.method.as_bytes(),
            self.target.as_bytes(),
            self.host.as_bytes(),
            self.port.as_str().as_bytes(),
            self.ext,
        ]
    }

    /// Hands the string to `take`: in one piece from the stack when it is short, as it nearly always
    /// is, else field by field.
    pub(super) fn feed(&self, mut take: impl FnMut(&[u8])) {
        let fields = self.fields();
        let mut buffer = [0_u8; 512];
        let length: usize = fields.iter().map(|field| field.len() + 1).sum();
        if length > buffer.len() {
            for field in fields {
                take(field);
                take(b"\n");
            }
            return;
        }
        let mut rest = &mut buffer[..];
        for field in fields {
            let (place, after) = rest.split_at_mut(field.len() + 1);
            place[..field.len()].copy_from_slice(field);
            place[field.len()] = b'\n';
            rest = after;
        }
        take(&buffer[..length]);
    }
}

impl fmt::Display for Normalized<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for field in self.fields() {
            writeln!(f, "{}", String::from_utf8_lossy(field))?;
        }
        Ok(())
    }
}
