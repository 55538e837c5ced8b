//! Accounts as they are stored: an entity, its profile, its browsers.

use tent_proto::{Entity, TypeUri};

/// The row of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct AccountKey(pub(super) i64);

#[derive(Debug, Clone)]
pub(crate) struct Account {
    pub(crate) key: AccountKey,
    pub(crate) entity: Entity,
    /// In PHC form.
    pub(crate) passphrase: String,
}

#[derive(Debug)]
pub(crate) struct NewAccount {
    pub(crate) entity: Entity,
    pub(crate) passphrase: String,
    pub(crate) sections: Vec<Section>,
    pub(crate) now: i64,
}

/// A section of a profile.
#[derive(Debug, Clone)]
pub(crate) struct Section {
    pub(crate) section_type: TypeUri,
    pub(crate) version: u32,
    pub(crate) public: bool,
    /// The members that its type has, as a JSON object.
    pub(crate) content: String,
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
