//! Accounts as they are stored: an entity and its browsers.

use tent_proto::Entity;

use super::{Reply, Section};

/// The row of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct AccountKey(pub(super) i64);

#[cfg(test)]
impl AccountKey {
    pub(crate) const fn first() -> Self {
        Self(1)
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Account {
    pub(crate) key: AccountKey,
    pub(crate) entity: Entity,
}

#[derive(Debug)]
pub(crate) struct NewAccount {
    pub(crate) entity: Entity,
    /// Its hash, in PHC form.
    pub(crate) passphrase: String,
    pub(crate) sections: Vec<Section>,
    pub(crate) now: i64,
}

/// What is known of a browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Browser {
    /// The owner is signed in.
    SignedIn,
    /// The owner was signed in once.
    Known,
    Unknown,
}

impl Browser {
    /// One whose session ends then, if it has one.
    pub(super) const fn of_session(expires_at: Option<i64>, now: i64) -> Self {
        match expires_at {
            Some(expires_at) if now < expires_at => Self::SignedIn,
            Some(_) => Self::Known,
            None => Self::Unknown,
        }
    }
}

/// Accounts, and the browsers in which their owners signed in.
pub(crate) trait Accounts {
    /// The account that was made first, of those that there are.
    fn account(&self) -> Reply<'_, Option<Account>>;
    fn account_of(&self, entity: Entity) -> Reply<'_, Option<Account>>;
    /// In the order in which they were made.
    fn entities(&self) -> Reply<'_, Vec<Entity>>;
    fn create_account(&self, account: NewAccount) -> Reply<'_, Account>;
    /// Removes an account: nobody finds it anymore. `false` when there is no such entity.
    fn remove_account(&self, entity: Entity) -> Reply<'_, bool>;
    /// Deletes some of what removed accounts have left, and says whether there may be more. The reply
    /// holds no reference to the storage.
    fn go_on_removing(&self) -> Reply<'static, bool>;

    /// The hash of the passphrase, in PHC form.
    fn passphrase(&self, account: AccountKey) -> Reply<'_, String>;
    /// Puts another passphrase in place, and ends all sessions.
    fn change_passphrase(&self, account: AccountKey, hash: String) -> Reply<'_, ()>;

    fn create_session(&self, account: AccountKey, id: [u8; 32], expires_at: i64) -> Reply<'_, ()>;
    fn browser(&self, account: AccountKey, id: [u8; 32], now: i64) -> Reply<'_, Browser>;
    /// Signs the owner out in one browser, which stays known.
    fn end_session(&self, account: AccountKey, id: [u8; 32], now: i64) -> Reply<'_, ()>;
    /// Signs the owner out in all browsers, and forgets them.
    fn end_sessions(&self, account: AccountKey) -> Reply<'_, ()>;
}
