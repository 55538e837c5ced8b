//! Authorizations: what a person has granted an app.

use super::object::object;
use crate::Secret;
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
