//! What a server gives to whom it came to know.

use crate::Secret;
use crate::json::DecodeError;
use crate::mac::Credentials;
use crate::model::credentials;
use crate::model::object::object;

object! {
    /// The answer to an app that registers, or to a server that follows: a credential.
    ///
    /// Source: `docs/protocol.md` §8.7.
    pub struct Registered {
        /// The id of the app or the follower, and of the credential.
        pub id: Option<String> = "id",
        /// The key of the credential. A secret, shown once.
        pub secret: Option<Secret> = "secret",
        /// The algorithm of the credential.
        pub mac_algorithm: Option<String> = "mac_algorithm",
    }
}

impl Registered {
    /// The credential. Without an algorithm it is `hmac-sha-256`, which the draft names.
    ///
    /// # Errors
    ///
    /// When a part is missing or cannot be used, such as an unknown algorithm.
    pub fn credentials(&self) -> Result<Credentials, DecodeError> {
        let id = self.id.as_deref().ok_or(DecodeError::Missing("id"))?;
        let key = self.secret.clone();
        let key = key.ok_or(DecodeError::Missing("secret"))?;
        credentials(id, key, self.mac_algorithm.as_deref())
    }
}
