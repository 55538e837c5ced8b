//! Followings: whom the person follows.

use super::app::credentials;
use super::object::object;
use super::{Group, Permissions, Profile};
use crate::Secret;
use crate::json::DecodeError;
use crate::mac::Credentials;
use crate::{Entity, FollowerId, FollowingId, Timestamp, TypeUri};

object! {
    /// An entity that the person follows.
    ///
    /// Source: tent.io 0.2, app-server; `docs/protocol.md` §7.7.
    pub struct Following {
        /// Its id at the person's own server.
        pub id: Option<FollowingId> = "id",
        /// Who it is.
        pub entity: Option<Entity> = "entity",
        /// The id of the person among that entity's followers, at its server.
        pub remote_id: Option<FollowerId> = "remote_id",
        /// The groups it is in. Seen with the scope `read_groups`.
        pub groups: Vec<Group> = "groups",
        /// The types of posts that are delivered, or `all`.
        pub types: Vec<TypeUri> = "types",
        /// URIs of licenses.
        pub licenses: Vec<String> = "licenses" | "licences",
        /// Who may see that it is there. Public unless something else is said.
        pub permissions: Option<Permissions> = "permissions",
        /// Its profile as the person's server last saw it.
        pub profile: Option<Profile> = "profile",
        /// When it began, in epoch seconds.
        pub created_at: Option<Timestamp> = "created_at",
        /// When it last changed, in epoch seconds; apps alone see it.
        pub updated_at: Option<Timestamp> = "updated_at",
        /// The id of the credential between the servers. Seen with `read_secrets` alone.
        pub mac_key_id: Option<String> = "mac_key_id",
        /// The key of that credential. A secret; seen with `read_secrets` alone.
        pub mac_key: Option<Secret> = "mac_key",
        /// The algorithm of that credential.
        pub mac_algorithm: Option<String> = "mac_algorithm",
    }
}

impl Following {
    /// The credential between the servers.
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

    /// Gives it this credential.
    #[must_use]
    pub fn with_credentials(mut self, credentials: &Credentials) -> Self {
        self.mac_key_id = Some(credentials.id().to_owned());
        self.mac_key = Some(credentials.key().clone());
        self.mac_algorithm = Some(credentials.algorithm().as_str().to_owned());
        self
    }
}
