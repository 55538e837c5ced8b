//! An account: all that is kept to act on behalf of a person.

use serde::{Deserialize, Serialize};
use tent_flow::Seed;

use super::Registration;
use crate::Secret;
use crate::mac::Credentials;
use crate::{Session, Timestamp};

/// An app's registration with an entity, and the credential that the entity's approval gave it.
///
/// Serializing it writes the keys.
///
/// Source: `docs/protocol.md` §4.8.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Account {
    /// The registration.
    pub registration: Registration,
    /// The credential that signs on behalf of the person.
    pub credentials: Credentials,
    /// What a new credential is got with before this one expires. Since v0.2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<Secret>,
    /// When the credential expires, in epoch seconds; absent when it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// For how long the credential was given, in seconds; for so long it is asked for again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lifetime: Option<i64>,
}

impl Account {
    /// An account of a registration and a credential.
    pub const fn new(registration: Registration, credentials: Credentials) -> Self {
        Self {
            registration,
            credentials,
            refresh_token: None,
            expires_at: None,
            lifetime: None,
        }
    }

    /// A session that signs on behalf of the person. Where the credential expires, say with
    /// [`Session::on_change`] how it is kept, so that it is renewed before.
    pub fn session(&self, seed: Seed) -> Session {
        Session::of_account(self, seed)
    }
}
