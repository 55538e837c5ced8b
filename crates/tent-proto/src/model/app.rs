//! Apps.

use std::collections::BTreeMap;

use super::Authorization;
use super::object::object;
use crate::Secret;
use crate::json::DecodeError;
use crate::mac::{Algorithm, Credentials};
use crate::{AppId, Scope, Timestamp};

object! {
    /// An app, as it registers with a server and as the server shows it.
    ///
    /// Source: tent.io 0.2, app-auth; `docs/protocol.md` §3.2.
    pub struct App {
        /// The server's id for it, and its OAuth `client_id`.
        pub id: Option<AppId> = "id",
        /// What people know it by.
        pub name: Option<String> = "name",
        /// What it does, in a sentence.
        pub description: Option<String> = "description",
        /// Its home page.
        pub url: Option<String> = "url",
        /// A picture of it.
        pub icon: Option<String> = "icon",
        /// Where a person may be sent back to after approval, each to be matched exactly.
        pub redirect_uris: Vec<String> = "redirect_uris",
        /// All that it may ever ask for, each with the reason that people are shown.
        pub scopes: BTreeMap<Scope, String> = "scopes",
        /// When it was registered, in epoch seconds.
        pub created_at: Option<Timestamp> = "created_at",
        /// What people have approved.
        pub authorizations: Vec<Authorization> = "authorizations",
        /// The id of its registration credential.
        pub mac_key_id: Option<String> = "mac_key_id",
        /// The key of its registration credential. A secret, shown once.
        pub mac_key: Option<Secret> = "mac_key",
        /// The algorithm of its registration credential.
        pub mac_algorithm: Option<String> = "mac_algorithm",
    }
}

impl App {
    /// An app of this name and home page.
    pub fn new(name: impl Into<String>, url: impl Into<String>) -> Self {
        Self {
            name: Some(name.into()),
            url: Some(url.into()),
            ..Self::default()
        }
    }

    /// Says what it does.
    #[must_use]
    pub fn description(mut self, text: impl Into<String>) -> Self {
        self.description = Some(text.into());
        self
    }

    /// Adds a place where people may be sent back to. Give it no query: servers have broken those.
    #[must_use]
    pub fn redirect_uri(mut self, uri: impl Into<String>) -> Self {
        self.redirect_uris.push(uri.into());
        self
    }

    /// Adds a scope that it may ask for, and why.
    #[must_use]
    pub fn scope(mut self, scope: Scope, reason: impl Into<String>) -> Self {
        self.scopes.insert(scope, reason.into());
        self
    }

    /// The registration credential, of an app that was just registered.
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

/// A credential from its members on the wire. Without an algorithm it is `hmac-sha-256`.
pub(crate) fn credentials(
    id: &str,
    key: Secret,
    algorithm: Option<&str>,
) -> Result<Credentials, DecodeError> {
    let algorithm = algorithm.map_or(Ok(Algorithm::default()), str::parse);
    let algorithm =
        algorithm.map_err(|cause| DecodeError::Unusable("mac_algorithm", cause.into()))?;
    Credentials::new(id, key, algorithm)
        .map_err(|cause| DecodeError::Unusable("credential", cause.into()))
}

object! {
    /// The app that made a post, as the post shows it.
    pub struct PostApp {
        /// Its name.
        pub name: Option<String> = "name",
        /// Its home page.
        pub url: Option<String> = "url",
    }
}
