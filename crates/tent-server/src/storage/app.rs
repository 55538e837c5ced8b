//! Apps as they are stored.

use std::collections::BTreeMap;
use std::sync::Arc;

use tent_proto::mac::Credentials;
use tent_proto::{AppId, AuthorizationId, Entity, GroupId, Scope, TypeUri};

use super::{AccountKey, Reply, Side, Stamp};

/// A registered app.
#[derive(Debug, Clone)]
pub(crate) struct Registration {
    pub(crate) id: AppId,
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) url: String,
    pub(crate) icon: Option<String>,
    pub(crate) redirect_uris: Vec<String>,
    pub(crate) scopes: BTreeMap<Scope, String>,
    pub(crate) created_at: i64,
    pub(crate) credentials: Credentials,
    pub(crate) authorizations: Vec<StoredAuthorization>,
}

/// What is to change of an app; the rest stays.
#[derive(Debug, Default)]
pub(crate) struct AppChange {
    pub(crate) name: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) url: Option<String>,
    pub(crate) icon: Option<String>,
    pub(crate) redirect_uris: Option<Vec<String>>,
    pub(crate) scopes: Option<BTreeMap<Scope, String>>,
    pub(crate) credentials: Option<Credentials>,
}

/// What the owner has allowed an app.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Grant {
    pub(crate) scopes: Vec<Scope>,
    pub(crate) post_types: Vec<TypeUri>,
    pub(crate) profile_info_types: Vec<TypeUri>,
    pub(crate) notification_url: Option<String>,
}

impl Grant {
    pub(crate) fn has(&self, scope: &Scope) -> bool {
        self.scopes.contains(scope)
    }
}

#[derive(Debug, Clone)]
pub(crate) struct StoredAuthorization {
    pub(crate) id: AuthorizationId,
    pub(crate) grant: Grant,
    pub(crate) created_at: i64,
    pub(crate) expires_at: Option<i64>,
    /// When it was last used, to the hour; `None` when it never was.
    pub(crate) used_at: Option<i64>,
    pub(crate) credentials: Credentials,
}

/// An authorization to be stored.
#[derive(Debug)]
pub(crate) struct NewAuthorization {
    pub(crate) id: AuthorizationId,
    pub(crate) grant: Grant,
    /// Where the app takes somebody who is to be followed.
    pub(crate) follow_url: Option<String>,
    pub(crate) credentials: Credentials,
    /// The hash of one.
    pub(crate) refresh_token: [u8; 32],
    pub(crate) now: i64,
}

/// What is to change of a grant; the rest stays.
#[derive(Debug, Default)]
pub(crate) struct GrantChange {
    pub(crate) scopes: Option<Vec<Scope>>,
    pub(crate) post_types: Option<Vec<TypeUri>>,
    pub(crate) profile_info_types: Option<Vec<TypeUri>>,
    pub(crate) notification_url: Option<String>,
    pub(crate) follow_url: Option<String>,
}

/// Whoever holds a credential.
#[derive(Debug, Clone)]
pub(crate) enum Holder {
    /// An app, by its registration.
    App {
        credentials: Credentials,
        app: AppId,
    },
    /// An app on behalf of the owner.
    Owner {
        credentials: Credentials,
        app_name: String,
        app_url: String,
        grant: Grant,
        /// When it was last used, as far as that is stored.
        used_at: Option<i64>,
        expires_at: Option<i64>,
    },
    /// The server of a follower, or of somebody who is followed.
    Server {
        credentials: Credentials,
        side: Side,
        /// The id of the relation.
        id: String,
        entity: Entity,
        /// The groups that the other is in.
        groups: Vec<GroupId>,
    },
}

impl Holder {
    pub(crate) const fn credentials(&self) -> &Credentials {
        match self {
            Self::App { credentials, .. }
            | Self::Owner { credentials, .. }
            | Self::Server { credentials, .. } => credentials,
        }
    }

    /// Whether the credential has not expired.
    pub(crate) fn is_valid_at(&self, now: i64) -> bool {
        match self {
            Self::Owner { expires_at, .. } => expires_at.is_none_or(|expires_at| expires_at > now),
            Self::App { .. } | Self::Server { .. } => true,
        }
    }
}

/// How many apps are kept that have no approval. Anybody may register some.
pub(super) const PENDING: u32 = 1_000;
/// For how long they are kept, in seconds.
pub(super) const PENDING_SECONDS: i64 = 7 * 24 * 60 * 60;

/// Apps, what they were granted, and whose a credential is.
pub(crate) trait Apps {
    /// The oldest apps without an approval go when there are too many of them. `false` when the id or
    /// the MAC id is taken.
    fn create_app(
        &self,
        account: AccountKey,
        app: Registration,
        stamp: Option<Stamp>,
    ) -> Reply<'_, bool>;
    fn app(&self, account: AccountKey, id: AppId, now: i64) -> Reply<'_, Option<Registration>>;
    fn apps(&self, account: AccountKey, now: i64) -> Reply<'_, Vec<Registration>>;
    /// `false` when there is no such app, as below, or the MAC id is taken.
    fn update_app(
        &self,
        account: AccountKey,
        id: AppId,
        change: AppChange,
        stamp: Option<Stamp>,
    ) -> Reply<'_, bool>;
    fn delete_app(&self, account: AccountKey, id: AppId, stamp: Option<Stamp>) -> Reply<'_, bool>;
    /// Grants something to an app without a code. `None` when the app is gone, or an id is taken.
    fn create_authorization(
        &self,
        account: AccountKey,
        app: AppId,
        authorization: NewAuthorization,
        stamp: Option<Stamp>,
    ) -> Reply<'_, Option<StoredAuthorization>>;
    /// Changes what was granted; the credential stays. `None` when there is no such authorization.
    fn update_authorization(
        &self,
        account: AccountKey,
        app: AppId,
        id: AuthorizationId,
        change: GrantChange,
        stamp: Option<Stamp>,
    ) -> Reply<'_, Option<StoredAuthorization>>;
    fn delete_authorization(
        &self,
        account: AccountKey,
        app: AppId,
        id: AuthorizationId,
        stamp: Option<Stamp>,
    ) -> Reply<'_, bool>;
    /// The follow URL of the newest authorization that has one and may offer it
    /// ([`Scope::FollowUi`]).
    fn follow_url(&self, account: AccountKey, now: i64) -> Reply<'_, Option<String>>;
    /// Stores that an authorization is used.
    fn use_authorization(&self, account: AccountKey, mac_id: String, now: i64) -> Reply<'_, ()>;
    /// Who signs with this MAC id, unless that has expired.
    fn holder(
        &self,
        account: AccountKey,
        mac_id: String,
        now: i64,
    ) -> Reply<'_, Option<Arc<Holder>>>;
}
