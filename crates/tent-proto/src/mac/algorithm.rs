//! The two algorithms.

use std::fmt;
use std::str::FromStr;

/// How a MAC is computed. A credential names its algorithm; a request never does.
///
/// Source: draft-ietf-oauth-v2-http-mac-01 §3.2; `docs/protocol.md` §5.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Algorithm {
    /// `hmac-sha-1`: 20 bytes, 28 characters of base64.
    HmacSha1,
    /// `hmac-sha-256`: 32 bytes, 44 characters of base64. What a server means that names none.
    #[default]
    HmacSha256,
}

impl Algorithm {
    /// Its name in the protocol.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::HmacSha1 => "hmac-sha-1",
            Self::HmacSha256 => "hmac-sha-256",
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An algorithm that is neither `hmac-sha-1` nor `hmac-sha-256`. Nothing can be signed with it. Of
/// its name the first 30 characters are kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the MAC algorithm {0:?} is neither hmac-sha-256 nor hmac-sha-1")]
#[non_exhaustive]
pub struct UnknownAlgorithm(pub String);

impl FromStr for Algorithm {
    type Err = UnknownAlgorithm;

    fn from_str(name: &str) -> Result<Self, UnknownAlgorithm> {
        match name {
            "hmac-sha-1" => Ok(Self::HmacSha1),
            "hmac-sha-256" => Ok(Self::HmacSha256),
            other => Err(UnknownAlgorithm(other.chars().take(30).collect())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_the_protocols() {
        for algorithm in [Algorithm::HmacSha1, Algorithm::HmacSha256] {
            assert_eq!(algorithm.to_string().parse(), Ok(algorithm));
        }
        assert_eq!(
            "hmac-md5".parse::<Algorithm>(),
            Err(UnknownAlgorithm("hmac-md5".into()))
        );
    }
}
