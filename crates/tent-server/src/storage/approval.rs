//! Approvals as they are stored, and their exchange.

use tent_proto::mac::Credentials;
use tent_proto::{AppId, AuthorizationId};

use super::{AccountKey, Grant, Reply, Stamp};

/// An approval that waits for its exchange.
#[derive(Debug)]
pub(crate) struct Approval {
    pub(crate) account: AccountKey,
    pub(crate) app: AppId,
    pub(crate) code: [u8; 32],
    pub(crate) redirect_uri: String,
    pub(crate) grant: Grant,
    pub(crate) expires_at: i64,
}

/// An exchange, with what a new authorization is made from.
#[derive(Debug)]
pub(crate) struct Exchange {
    pub(crate) account: AccountKey,
    pub(crate) app: AppId,
    /// The code's hash, or the refresh token's.
    pub(crate) code: [u8; 32],
    /// The URI that the code must have gone to, if the app names it.
    pub(crate) redirect_uri: Option<String>,
    pub(crate) now: i64,
    /// When the authorization shall expire, if that is to change.
    pub(crate) expires_at: Option<i64>,
    pub(crate) next_refresh_token: [u8; 32],
    pub(crate) id: AuthorizationId,
    pub(crate) credentials: Credentials,
}

/// The credential that an exchange ends with.
#[derive(Debug)]
pub(crate) struct Exchanged {
    pub(crate) credentials: Credentials,
    pub(crate) expires_at: Option<i64>,
}

/// Approvals that wait for their exchange.
pub(crate) trait Approvals {
    /// Keeps an approval until its code is exchanged or expires.
    fn create_code(&self, approval: Approval, now: i64) -> Reply<'_, ()>;
    /// Turns a code or a refresh token, which is used up by that, into an authorization. `None` when
    /// it is not, or no longer, one of this app's. A code that was used before ends the authorization
    /// that came of it.
    fn exchange(&self, exchange: Exchange, stamp: Option<Stamp>) -> Reply<'_, Option<Exchanged>>;
}
