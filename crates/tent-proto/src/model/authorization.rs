//! Authorizations: what a person has granted an app.

use super::app::credentials;
use super::object::object;
use crate::Secret;
use crate::json::DecodeError;
use crate::mac::Credentials;
use crate::{AuthorizationId, Scope, TypeUri};

object! {
    /// What a person has granted an app.
    ///
    /// Source: tent.io 0.2, app-auth; `docs/protocol.md` §7.6.
    pub struct Authorization {
        /// Its id.
        pub id: Option<AuthorizationId> = "id",
        /// The scopes granted, maybe fewer than were asked for.
        pub scopes: Vec<Scope> = "scopes",
        /// The post types granted, or `all`.
        pub post_types: Vec<TypeUri> = "post_types",
        /// The profile info types granted, or `all`.
        pub profile_info_types: Vec<TypeUri> = "profile_info_types",
        /// Where the server sends new posts.
        pub notification_url: Option<String> = "notification_url",
        /// Where the app's page for following somebody is. Given, and never shown.
        pub follow_url: Option<String> = "follow_url",
        /// What can be exchanged for a credential. A secret; seen with `read_apps` alone.
        pub token_code: Option<Secret> = "token_code",
        /// The id of its credential. Seen with `read_secrets` alone.
        pub mac_key_id: Option<String> = "mac_key_id",
        /// The key of its credential. A secret; seen with `read_secrets` alone.
        pub mac_key: Option<Secret> = "mac_key",
        /// The algorithm of its credential.
        pub mac_algorithm: Option<String> = "mac_algorithm",
    }
}

impl Authorization {
    /// Adds a scope.
    #[must_use]
    pub fn scope(mut self, scope: Scope) -> Self {
        self.scopes.push(scope);
        self
    }

    /// Adds a post type.
    #[must_use]
    pub fn post_type(mut self, post_type: TypeUri) -> Self {
        self.post_types.push(post_type);
        self
    }

    /// Adds a profile info type.
    #[must_use]
    pub fn profile_info_type(mut self, info_type: TypeUri) -> Self {
        self.profile_info_types.push(info_type);
        self
    }

    /// Its credential, of an answer that shows keys.
    ///
    /// # Errors
    ///
    /// When a part is missing or cannot be used, such as an unknown algorithm.
    pub fn credentials(&self) -> Result<Credentials, DecodeError> {
        let id = self.mac_key_id.as_deref();
        let key = self.mac_key.clone();
        let id = id.ok_or(DecodeError::Missing("mac_key_id"))?;
        let key = key.ok_or(DecodeError::Missing("mac_key"))?;
        credentials(id, key, self.mac_algorithm.as_deref())
    }
}
