//! Where Tent credentials live.
//!
//! A [`CredentialStore`] keeps, for each entity, the app's registration and the account that came of
//! it, and which entity is the default. [`FileStore`] keeps them in one file, [`MemoryStore`] in
//! memory, for tests and for programs that are told their credentials. A store of one's own, such as
//! a database or a keyring, is one `impl`. A [`KeyFile`] is what clients of 2012 kept, to be brought in.
//!
//! ```
//! use tent_proto::login::{Account, Registration};
//! use tent_proto::mac::{Algorithm, Credentials};
//! use tent_store::{CredentialStore, FileStore};
//!
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("credentials.json");
//! # let key = |id| Credentials::new(id, "5f0c2e8a", Algorithm::HmacSha256);
//! let store = FileStore::new(path);
//!
//! // An app registered: its key is shown once, so it is saved before anything else is done.
//! let entity = "https://alice.example".parse()?;
//! let servers = vec!["https://tent.alice.example".parse()?];
//! let registration = Registration::new(entity, servers, "Hk3pQz9v".into(), key("a:Yw2m8")?);
//! store.save_registration(&registration)?;
//!
//! // The person approved.
//! let account = Account::new(registration, key("u:7nC2")?);
//! store.save_account(&account)?;
//! store.set_default_entity(&account.registration.entity)?;
//!
//! // Another day, another process.
//! let entity = store.default_entity()?.expect("one was chosen");
//! assert_eq!(store.account(&entity)?, Some(account));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What this crate does not do
//!
//! It encrypts nothing: the file store relies on the permissions of the file. It never asks a server
//! whether what it keeps still works.

mod error;
mod file;
mod key_file;
mod memory;
mod store;

pub use crate::error::StoreError;
pub use crate::file::FileStore;
pub use crate::key_file::{KeyFile, KeyFileError, OldKeys, OldKeysError};
pub use crate::memory::MemoryStore;
pub use crate::store::CredentialStore;
