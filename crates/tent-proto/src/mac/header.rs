//! The `Authorization` header.

use std::fmt;

use super::credentials::is_quotable;

/// The attributes of an `Authorization: MAC …` header, borrowed from it.
///
/// Reading accepts the attributes in any order, separated by commas or by spaces alone, as one old
/// client sends them, and lets the last of several attributes of one name win. `Display` writes the
/// one form that is sent.
///
/// Source: draft-ietf-oauth-v2-http-mac-01 §3.1; `docs/protocol.md` §5.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header<'a> {
    id: &'a str,
    timestamp: u64,
    timestamp_text: &'a str,
    nonce: &'a str,
    ext: &'a str,
    mac: &'a str,
}

/// Why a header is not a MAC header. Offsets are in bytes from the start of the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HeaderError {
    /// It is of another scheme.
    #[error("the Authorization header is not of the MAC scheme")]
    NotMac,
    /// There is something else than an attribute.
    #[error("at byte {0} of the Authorization header there is no name=\"value\"")]
    Syntax(usize),
    /// An attribute has a value that it cannot have.
    #[error("at byte {offset} of the Authorization header, the {name} is not valid")]
    Value {
        /// Which attribute.
        name: &'static str,
        /// Where its value begins.
        offset: usize,
    },
    /// An attribute is missing.
    #[error("the Authorization header has no {0}")]
    Missing(&'static str),
}

impl<'a> Header<'a> {
    /// Reads the value of an `Authorization` header.
    ///
    /// # Errors
    ///
    /// [`HeaderError`] says what is wrong, and where.
    pub fn parse(value: &'a str) -> Result<Self, HeaderError> {
        let mut rest = Scanner { value, at: 0 };
        rest.scheme()?;
        let (mut id, mut timestamp, mut nonce, mut ext, mut mac) = (None, None, None, "", None);
        while let Some((name, offset, text)) = rest.attribute()? {
            let valid = |name| {
                let error = HeaderError::Value { name, offset };
                is_quotable(text).then_some(text).ok_or(error)
            };
            match name {
                "id" => id = Some(valid("id")?),
                "nonce" => nonce = Some(valid("nonce")?),
                "mac" => mac = Some(valid("mac")?),
                "ext" => ext = text,
                "ts" => {
                    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
                    let number = text.parse().ok().filter(|_| is_number);
                    let error = HeaderError::Value { name: "ts", offset };
                    timestamp = Some((number.ok_or(error)?, text));
                }
                _ => {}
            }
        }
        let id = id.ok_or(HeaderError::Missing("id"))?;
        let (timestamp, timestamp_text) = timestamp.ok_or(HeaderError::Missing("ts"))?;
        Ok(Self {
            id,
            timestamp,
            timestamp_text,
            nonce: nonce.ok_or(HeaderError::Missing("nonce"))?,
            ext,
            mac: mac.ok_or(HeaderError::Missing("mac"))?,
        })
    }

    /// The id of the credential.
    pub const fn id(&self) -> &'a str {
        self.id
    }

    /// The time of signing, in epoch seconds.
    pub const fn timestamp(&self) -> u64 {
        self.timestamp
    }

    pub(super) const fn timestamp_text(&self) -> &'a str {
        self.timestamp_text
    }

    /// The nonce.
    pub const fn nonce(&self) -> &'a str {
        self.nonce
    }

    /// The `ext` attribute; empty when there is none, as always in Tent.
    pub const fn ext(&self) -> &'a str {
        self.ext
    }

    /// The MAC, in base64.
    pub const fn mac(&self) -> &'a str {
        self.mac
    }
}

impl fmt::Display for Header<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            id,
            timestamp_text,
            nonce,
            ext,
            mac,
            ..
        } = self;
        write!(
            f,
            r#"MAC id="{id}", ts="{timestamp_text}", nonce="{nonce}""#
        )?;
        if !ext.is_empty() {
            write!(f, r#", ext="{ext}""#)?;
        }
        write!(f, r#", mac="{mac}""#)
    }
}

struct Scanner<'a> {
    value: &'a str,
    at: usize,
}

impl<'a> Scanner<'a> {
    fn rest(&self) -> &'a [u8] {
        self.value.as_bytes().get(self.at..).unwrap_or_default()
    }

    fn skip(&mut self, skipped: impl Fn(u8) -> bool) {
        let count = self
            .rest()
            .iter()
            .take_while(|byte| skipped(**byte))
            .count();
        self.at += count;
    }

    fn scheme(&mut self) -> Result<(), HeaderError> {
        self.skip(is_space);
        match self.rest() {
            [m, a, c, after @ ..]
                if [*m, *a, *c].eq_ignore_ascii_case(b"MAC")
                    && after.first().is_none_or(|byte| is_space(*byte)) =>
            {
                self.at += 3;
                Ok(())
            }
            _ => Err(HeaderError::NotMac),
        }
    }

    /// The next `name="value"`, with the offset of the value.
    fn attribute(&mut self) -> Result<Option<(&'a str, usize, &'a str)>, HeaderError> {
        self.skip(|byte| is_space(byte) || byte == b',');
        let start = self.at;
        if self.rest().is_empty() {
            return Ok(None);
        }
        self.skip(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
        let name = self.value.get(start..self.at).unwrap_or_default();
        self.skip(is_space);
        if name.is_empty() || !self.take(b'=') {
            return Err(HeaderError::Syntax(start));
        }
        self.skip(is_space);
        if !self.take(b'"') {
            return Err(HeaderError::Syntax(start));
        }
        let offset = self.at;
        let value = self
            .value
            .get(offset..)
            .and_then(|rest| rest.get(..rest.find('"')?))
            .ok_or(HeaderError::Syntax(start))?;
        self.at = offset + value.len() + 1;
        Ok(Some((name, offset, value)))
    }

    fn take(&mut self, wanted: u8) -> bool {
        let taken = self.rest().first() == Some(&wanted);
        self.at += usize::from(taken);
        taken
    }
}

const fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}
