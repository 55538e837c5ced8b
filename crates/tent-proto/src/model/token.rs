//! Tokens: what a code is exchanged for.

use super::app::credentials;
use super::object::object;
use crate::Secret;
use crate::Timestamp;
use crate::json::DecodeError;
use crate::mac::Credentials;

object! {
    /// The answer to the exchange of a code: a credential that signs on behalf of a person.
    ///
    /// Source: tent.io 0.2, app-auth; `docs/protocol.md` §4.5.
    pub struct Token {
        /// The id of the credential. It is not a bearer token.
        pub access_token: Option<String> = "access_token",
        /// The key of the credential. A secret.
        pub mac_key: Option<Secret> = "mac_key",
        /// The algorithm of the credential.
        pub mac_algorithm: Option<String> = "mac_algorithm",
        /// Always `mac`.
        pub token_type: Option<String> = "token_type",
        /// What can be exchanged, as a code is, later on. A secret.
        pub refresh_token: Option<Secret> = "refresh_token",
        /// When the authorization expires, in epoch seconds; absent when it does not.
        pub tent_expires_at: Option<Timestamp> = "tent_expires_at",
    }
}

impl Token {
    /// The credential.
    ///
    /// # Errors
    ///
    /// When a part is missing or cannot be used, such as an unknown algorithm.
    pub fn credentials(&self) -> Result<Credentials, DecodeError> {
        let id = self.access_token.as_deref();
        let key = self.mac_key.clone();
        let id = id.ok_or(DecodeError::Missing("access_token"))?;
        let key = key.ok_or(DecodeError::Missing("mac_key"))?;
        credentials(id, key, self.mac_algorithm.as_deref())
    }
}
