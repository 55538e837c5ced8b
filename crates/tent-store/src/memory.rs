//! A store in memory.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tent_proto::Entity;
use tent_proto::login::{Account, Registration};

use crate::{CredentialStore, StoreError};

/// Keeps credentials as long as it lives.
#[derive(Default)]
pub struct MemoryStore(Mutex<State>);

#[derive(Default)]
struct State {
    entries: BTreeMap<Entity, Entry>,
    default: Option<Entity>,
}

#[derive(Default)]
struct Entry {
    registration: Option<Registration>,
    account: Option<Account>,
}

impl MemoryStore {
    /// A store that keeps nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// No change is ever half done when somebody panics, so a poisoned lock is a good one.
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl CredentialStore for MemoryStore {
    fn registration(&self, entity: &Entity) -> Result<Option<Registration>, StoreError> {
        let state = self.state();
        let entry = state.entries.get(entity);
        Ok(entry.and_then(|entry| entry.registration.clone()))
    }

    fn save_registration(&self, registration: &Registration) -> Result<(), StoreError> {
        let mut state = self.state();
        let entry = state.entries.entry(registration.entity.clone());
        entry.or_default().registration = Some(registration.clone());
        Ok(())
    }

    fn account(&self, entity: &Entity) -> Result<Option<Account>, StoreError> {
        let state = self.state();
        let entry = state.entries.get(entity);
        Ok(entry.and_then(|entry| entry.account.clone()))
    }

    fn save_account(&self, account: &Account) -> Result<(), StoreError> {
        let entry = Entry {
            registration: Some(account.registration.clone()),
            account: Some(account.clone()),
        };
        let entity = account.registration.entity.clone();
        self.state().entries.insert(entity, entry);
        Ok(())
    }

    fn remove(&self, entity: &Entity) -> Result<bool, StoreError> {
        let mut state = self.state();
        if state.default.as_ref() == Some(entity) {
            state.default = None;
        }
        Ok(state.entries.remove(entity).is_some())
    }

    fn entities(&self) -> Result<Vec<Entity>, StoreError> {
        Ok(self.state().entries.keys().cloned().collect())
    }

    fn default_entity(&self) -> Result<Option<Entity>, StoreError> {
        Ok(self.state().default.clone())
    }

    fn set_default_entity(&self, entity: &Entity) -> Result<(), StoreError> {
        let mut state = self.state();
        if !state.entries.contains_key(entity) {
            return Err(StoreError::Unknown(entity.clone()));
        }
        state.default = Some(entity.clone());
        Ok(())
    }
}

/// Shows the entities alone.
impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state();
        f.debug_struct("MemoryStore")
            .field("entities", &state.entries.keys())
            .field("default", &state.default)
            .finish()
    }
}
