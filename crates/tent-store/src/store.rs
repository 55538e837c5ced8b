//! What a store does.

use tent_proto::Entity;
use tent_proto::login::{Account, Registration};

use crate::StoreError;

/// Keeps credentials, each under the entity it belongs to.
///
/// An entity is the canonical one, as the profile names it, and is compared as text. A registration
/// is kept beside the account and not only within it: it is there before the account is, and a
/// registration that replaces a dead one leaves the account as it was until a new one comes.
///
/// A method that fails has changed nothing.
///
/// Source: `docs/protocol.md` §4.8.
pub trait CredentialStore: Send + Sync {
    /// The registration with an entity, if there is one.
    ///
    /// # Errors
    ///
    /// When the store cannot be read.
    fn registration(&self, entity: &Entity) -> Result<Option<Registration>, StoreError>;

    /// Keeps a registration, replacing the one that the entity had.
    ///
    /// # Errors
    ///
    /// When the store cannot be read or written.
    fn save_registration(&self, registration: &Registration) -> Result<(), StoreError>;

    /// The account of an entity, if there is one.
    ///
    /// # Errors
    ///
    /// When the store cannot be read.
    fn account(&self, entity: &Entity) -> Result<Option<Account>, StoreError>;

    /// Keeps an account and its registration, replacing those that the entity had.
    ///
    /// # Errors
    ///
    /// When the store cannot be read or written.
    fn save_account(&self, account: &Account) -> Result<(), StoreError>;

    /// Forgets all that is kept for an entity, and that it is the default if it was. Says whether
    /// there was anything.
    ///
    /// # Errors
    ///
    /// When the store cannot be read or written.
    fn remove(&self, entity: &Entity) -> Result<bool, StoreError>;

    /// The entities that something is kept for, in the order of their text.
    ///
    /// # Errors
    ///
    /// When the store cannot be read.
    fn entities(&self) -> Result<Vec<Entity>, StoreError>;

    /// The entity that was chosen as the default.
    ///
    /// # Errors
    ///
    /// When the store cannot be read.
    fn default_entity(&self) -> Result<Option<Entity>, StoreError>;

    /// Chooses the default.
    ///
    /// # Errors
    ///
    /// When nothing is kept for the entity, or the store cannot be read or written.
    fn set_default_entity(&self, entity: &Entity) -> Result<(), StoreError>;
}
