//! The passphrase that the owner signs in with.

use std::fmt;

use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Argon2, PasswordHash};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

/// The passphrase that the owner of an entity signs in with. It is wiped from memory when dropped and
/// never shown by `Debug`.
pub struct Passphrase(Zeroizing<String>);

impl Passphrase {
    /// The passphrase of this text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// A random one, of 120 bits as twenty characters.
    ///
    /// # Errors
    ///
    /// When the system has no randomness to give.
    pub fn generate() -> std::io::Result<Self> {
        let mut bytes = Zeroizing::new([0; 15]);
        getrandom::fill(&mut *bytes).map_err(std::io::Error::other)?;
        Ok(Self::new(URL_SAFE_NO_PAD.encode(bytes.as_slice())))
    }

    /// The text, for whoever shows it to the owner.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Its argon2id hash in PHC form. Takes a while, on purpose.
    pub(crate) fn hash(&self) -> Result<String, argon2::password_hash::Error> {
        let hash = Argon2::default().hash_password(self.0.as_bytes())?;
        Ok(hash.to_string())
    }

    /// Whether the hash is this one's. Takes a while, on purpose.
    pub(crate) fn fits(&self, hash: &str) -> bool {
        PasswordHash::new(hash).is_ok_and(|hash| {
            Argon2::default()
                .verify_password(self.0.as_bytes(), &hash)
                .is_ok()
        })
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passphrase([redacted])")
    }
}

impl From<String> for Passphrase {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl From<&str> for Passphrase {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}
