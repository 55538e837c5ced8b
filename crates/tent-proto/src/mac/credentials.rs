//! Id, key and algorithm.

use std::fmt;
use std::sync::Arc;

use hmac::{Hmac, KeyInit};
use serde::de::{Deserialize, Deserializer, Error};
use serde::ser::{Serialize, SerializeStruct, Serializer};
use sha1::Sha1;
use sha2::Sha256;

use super::Algorithm;
use crate::Secret;

/// What signs requests: an id that the server knows, the key shared with it, and the algorithm. The
/// state of the key is computed once, and shared by all clones.
///
/// Serializing one writes the key, as it must for a store; `Debug` never shows it.
#[derive(Clone)]
pub struct Credentials(Arc<Inner>);

struct Inner {
    /// The id within the beginning of the header: `MAC id="…", ts="`.
    header_start: String,
    key: Secret,
    state: KeyState,
}

const BEFORE_ID: &str = "MAC id=\"";
const AFTER_ID: &str = "\", ts=\"";

/// The hash state after the key went in.
#[derive(Clone)]
pub(super) enum KeyState {
    Sha1(Hmac<Sha1>),
    Sha256(Hmac<Sha256>),
}

/// Why a credential cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CredentialsError {
    /// The id is empty, or holds what cannot stand between quotes in a header.
    #[error("the MAC id is empty or holds a character that a header cannot carry")]
    Id,
    /// The key is empty.
    #[error("the MAC key is empty")]
    Key,
}

impl Credentials {
    /// A credential. The key is text, used as it is.
    ///
    /// # Errors
    ///
    /// When the id or the key is empty, or the id could not be written into a header.
    pub fn new(
        id: impl Into<String>,
        key: impl Into<Secret>,
        algorithm: Algorithm,
    ) -> Result<Self, CredentialsError> {
        let (id, key) = (id.into(), key.into());
        if !is_quotable(&id) {
            return Err(CredentialsError::Id);
        }
        if key.expose().is_empty() {
            return Err(CredentialsError::Key);
        }
        let bytes = key.expose().as_bytes();
        let state = match algorithm {
            Algorithm::HmacSha1 => Hmac::new_from_slice(bytes).map(KeyState::Sha1),
            Algorithm::HmacSha256 => Hmac::new_from_slice(bytes).map(KeyState::Sha256),
        };
        let state = state.map_err(|_| CredentialsError::Key)?; // HMAC takes keys of any length
        Ok(Self(Arc::new(Inner {
            header_start: [BEFORE_ID, &id, AFTER_ID].concat(),
            key,
            state,
        })))
    }

    /// The id. Its first letter says what it stands for: `a:` an app's registration, `u:` a person's
    /// approval, `s:` another server (`docs/protocol.md` §3.3).
    pub fn id(&self) -> &str {
        let start = &self.0.header_start;
        // It was put together from these three.
        &start[BEFORE_ID.len()..start.len() - AFTER_ID.len()]
    }

    /// The key.
    pub fn key(&self) -> &Secret {
        &self.0.key
    }

    /// The algorithm.
    pub fn algorithm(&self) -> Algorithm {
        match self.0.state {
            KeyState::Sha1(_) => Algorithm::HmacSha1,
            KeyState::Sha256(_) => Algorithm::HmacSha256,
        }
    }

    pub(super) fn header_start(&self) -> &str {
        &self.0.header_start
    }

    pub(super) fn state(&self) -> &KeyState {
        &self.0.state
    }
}

/// Whether the text is not empty and can stand between the quotes of a MAC header.
pub(super) fn is_quotable(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\')
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("id", &self.id())
            .field("key", self.key())
            .field("algorithm", &self.algorithm())
            .finish()
    }
}

impl PartialEq for Credentials {
    fn eq(&self, other: &Self) -> bool {
        self.id() == other.id()
            && self.algorithm() == other.algorithm()
            && self.key() == other.key()
    }
}

impl Eq for Credentials {}

impl Serialize for Credentials {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Credentials", 3)?;
        fields.serialize_field("id", self.id())?;
        fields.serialize_field("key", self.key())?;
        fields.serialize_field("algorithm", self.algorithm().as_str())?;
        fields.end()
    }
}

impl<'de> Deserialize<'de> for Credentials {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(serde::Deserialize)]
        struct Stored {
            id: String,
            key: Secret,
            algorithm: String,
        }
        let stored = Stored::deserialize(deserializer)?;
        let algorithm = stored.algorithm.parse().map_err(D::Error::custom)?;
        Self::new(stored.id, stored.key, algorithm).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_hides_the_key_and_serialization_keeps_it() {
        let credentials = Credentials::new("a:1", "5ecret", Algorithm::HmacSha1).unwrap();
        let shown = format!("{credentials:?}");
        assert!(
            shown.contains("a:1") && shown.contains("[redacted]"),
            "{shown}"
        );
        assert!(!shown.contains("5ecret"), "{shown}");
        let stored = serde_json::to_string(&credentials).unwrap();
        assert_eq!(
            stored,
            r#"{"id":"a:1","key":"5ecret","algorithm":"hmac-sha-1"}"#
        );
        assert_eq!(
            serde_json::from_str::<Credentials>(&stored).unwrap(),
            credentials
        );
    }

    #[test]
    fn what_cannot_stand_in_a_header_is_no_id() {
        for id in ["", "a\"b", "a\\b", "a\nb", "ä"] {
            let made = Credentials::new(id, "k", Algorithm::HmacSha256);
            assert_eq!(made.unwrap_err(), CredentialsError::Id, "{id:?}");
        }
        let made = Credentials::new("a:1", "", Algorithm::HmacSha256);
        assert_eq!(made.unwrap_err(), CredentialsError::Key);
    }

    #[test]
    fn a_stored_key_that_is_no_string_is_not_shown() {
        let error = serde_json::from_str::<Credentials>(
            r#"{"id":"a:1","key":12345,"algorithm":"hmac-sha-1"}"#,
        )
        .unwrap_err();
        assert!(!error.to_string().contains("12345"), "{error}");
    }
}
