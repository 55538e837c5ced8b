//! As whom a command acts.

use std::path::PathBuf;

use etcetera::base_strategy::{BaseStrategy as _, choose_native_strategy};
use tent_proto::Entity;
use tent_proto::login::Account;
use tent_store::{CredentialStore, FileStore};

use crate::exit::Exit;
use crate::failure::{Failure, Outcome, not_logged_in};
use crate::meant::Meant;

/// The store in the configuration folder.
pub(crate) fn store(folder: Option<PathBuf>) -> Result<FileStore, Failure> {
    let folder = match folder {
        Some(folder) => folder,
        None => configuration_folder()?,
    };
    Ok(FileStore::new(folder.join("credentials.json")))
}

/// The platform's folder for configuration, and `tent` in it.
fn configuration_folder() -> Result<PathBuf, Failure> {
    let strategy = choose_native_strategy().map_err(|error| {
        Failure::local("there is no place for the configuration", &error)
            .hint("name one with --config, or with TENT_CONFIG_DIR")
    })?;
    Ok(strategy.config_dir().join("tent"))
}

/// The platform's folder for data, and `tent` in it.
pub(crate) fn data_folder() -> Result<PathBuf, Failure> {
    let strategy = choose_native_strategy().map_err(|error| {
        Failure::local("there is no place for the data", &error).hint("name one with --data")
    })?;
    Ok(strategy.data_dir().join("tent"))
}

/// The account to act as: the one that was named, else the default, else the only one there is.
pub(crate) fn choose(store: &dyn CredentialStore, named: Option<&str>) -> Outcome<Account> {
    let entity = match named {
        Some(text) => find(store, text)?,
        None => match store.default_entity()? {
            Some(entity) => entity,
            None => only(store)?,
        },
    };
    of(store, &entity)
}

/// The entity that somebody named and that is stored here, in the form that counts.
pub(crate) fn find(store: &dyn CredentialStore, text: &str) -> Outcome<Entity> {
    let wanted: Meant = text.parse().map_err(Failure::usage)?;
    let entities = store.entities()?;
    let mut found = wanted.iter().filter_map(|wanted| {
        let mut entities = entities.iter();
        entities.find(|entity| entity.is_same_page(wanted))
    });
    Ok(found
        .next()
        .cloned()
        .ok_or_else(|| not_logged_in(&wanted.typed))?)
}

/// The account of an entity.
pub(crate) fn of(store: &dyn CredentialStore, entity: &Entity) -> Outcome<Account> {
    let account = store.account(entity)?;
    Ok(account.ok_or_else(|| not_logged_in(entity))?)
}

/// All accounts. An entity that was registered with, but never approved, has none.
pub(crate) fn accounts(store: &dyn CredentialStore) -> Outcome<Vec<Account>> {
    let mut accounts = Vec::new();
    for entity in store.entities()? {
        accounts.extend(store.account(&entity)?);
    }
    Ok(accounts)
}

/// Keeps an account. The first one becomes the default.
pub(crate) fn save(store: &dyn CredentialStore, account: &Account) -> Outcome {
    store.save_account(account)?;
    if store.default_entity()?.is_none() {
        store.set_default_entity(&account.registration.entity)?;
    }
    Ok(())
}

fn only(store: &dyn CredentialStore) -> Outcome<Entity> {
    let mut accounts = accounts(store)?;
    match (accounts.pop(), accounts.len()) {
        (Some(account), 0) => Ok(account.registration.entity),
        (Some(_), _) => Err(
            Failure::usage("there are several accounts, and none is the default")
                .hint("choose one with `tent use ENTITY`, or name one with --account")
                .into(),
        ),
        (None, _) => Err(Failure::new(Exit::NotLoggedIn, "not logged in")
            .hint("`tent login ENTITY`")
            .into()),
    }
}

#[cfg(test)]
mod tests {
    use tent_proto::login::Registration;
    use tent_proto::mac::{Algorithm, Credentials};
    use tent_store::MemoryStore;

    use super::*;
    use crate::failure::Stop;

    fn add(store: &MemoryStore, entity: &str) {
        let key = Credentials::new("a:1", "k", Algorithm::HmacSha256).unwrap();
        let servers = vec!["https://t.example".parse().unwrap()];
        let registration =
            Registration::new(entity.parse().unwrap(), servers, "app".into(), key.clone());
        store
            .save_account(&Account::new(registration, key))
            .unwrap();
    }

    fn chosen(store: &MemoryStore, named: Option<&str>) -> Result<String, Exit> {
        match choose(store, named) {
            Ok(account) => Ok(account.registration.entity.as_str().to_owned()),
            Err(Stop::Failed(failure)) => Err(failure.exit),
            Err(Stop::Silently(exit)) => Err(exit),
        }
    }

    #[test]
    fn the_named_one_then_the_default_then_the_only_one() {
        let store = MemoryStore::new();
        assert_eq!(chosen(&store, None), Err(Exit::NotLoggedIn));
        add(&store, "https://alice.example");
        assert_eq!(chosen(&store, None).unwrap(), "https://alice.example");
        add(&store, "http://127.0.0.1:7878");
        assert_eq!(chosen(&store, None), Err(Exit::Usage));
        assert_eq!(
            chosen(&store, Some("alice.example/")).unwrap(),
            "https://alice.example"
        );
        assert_eq!(
            chosen(&store, Some("127.0.0.1:7878")).unwrap(),
            "http://127.0.0.1:7878"
        );
        assert_eq!(
            chosen(&store, Some("http://alice.example")),
            Err(Exit::NotLoggedIn)
        );
        assert_eq!(chosen(&store, Some("a b")), Err(Exit::Usage));
        add(&store, "https://bob.example/"); // as his profile has it
        assert_eq!(
            chosen(&store, Some("bob.example")).unwrap(),
            "https://bob.example/"
        );
        let default = "http://127.0.0.1:7878".parse().unwrap();
        store.set_default_entity(&default).unwrap();
        assert_eq!(chosen(&store, None).unwrap(), "http://127.0.0.1:7878");
    }
}
