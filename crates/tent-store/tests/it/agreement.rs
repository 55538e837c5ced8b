//! Both stores do the same.

use proptest::prelude::*;
use tent_proto::Timestamp;
use tent_store::{CredentialStore, FileStore, MemoryStore, StoreError};

use crate::{account, entity, registration};

#[derive(Debug, Clone)]
enum Step {
    SaveRegistration(String, String),
    SaveAccount(String, String, Option<String>, Option<i64>),
    Remove(String),
    SetDefault(String),
}

fn step() -> impl Strategy<Value = Step> {
    let name = "[abc]";
    let key = "[ -~äß🔑]{1,12}";
    prop_oneof![
        (name, key).prop_map(|(name, key)| Step::SaveRegistration(name, key)),
        (
            name,
            key,
            proptest::option::of(key),
            proptest::option::of(0_i64..1 << 40)
        )
            .prop_map(|(name, key, token, time)| Step::SaveAccount(name, key, token, time)),
        name.prop_map(Step::Remove),
        name.prop_map(Step::SetDefault),
    ]
}

/// What came of a step, as far as both stores can agree on it.
fn take(store: &dyn CredentialStore, step: &Step) -> Result<bool, String> {
    let outcome = match step {
        Step::SaveRegistration(name, key) => store
            .save_registration(&registration(name, key))
            .map(|()| true),
        Step::SaveAccount(name, key, token, time) => {
            let mut account = account(name, key);
            account.refresh_token = token.as_deref().map(Into::into);
            account.expires_at = time.map(Timestamp::from_epoch_seconds);
            store.save_account(&account).map(|()| true)
        }
        Step::Remove(name) => store.remove(&entity(name)),
        Step::SetDefault(name) => store.set_default_entity(&entity(name)).map(|()| true),
    };
    outcome.map_err(|error| match error {
        StoreError::Unknown(_) => error.to_string(),
        other => panic!("{other:?}"),
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn what_is_saved_comes_back_from_either(steps in proptest::collection::vec(step(), 1..12)) {
        let folder = tempfile::tempdir().unwrap();
        let file = FileStore::new(folder.path().join("credentials.json"));
        let memory = MemoryStore::new();
        for step in &steps {
            prop_assert_eq!(take(&file, step), take(&memory, step));
        }
        let stored = |store: &dyn CredentialStore| {
            let entities = store.entities().unwrap();
            let kept: Vec<_> = entities
                .iter()
                .map(|entity| (store.registration(entity).unwrap(), store.account(entity).unwrap()))
                .collect();
            (entities, kept, store.default_entity().unwrap())
        };
        prop_assert_eq!(stored(&file), stored(&memory));
    }
}

fn both(check: impl Fn(&dyn CredentialStore)) {
    let folder = tempfile::tempdir().unwrap();
    check(&FileStore::new(folder.path().join("credentials.json")));
    check(&MemoryStore::new());
}

#[test]
fn a_new_registration_leaves_the_account_as_it_was() {
    both(|store| {
        store.save_account(&account("alice", "k1")).unwrap();
        let anew = registration("alice", "k2");
        store.save_registration(&anew).unwrap();
        let alice = entity("alice");
        assert_eq!(store.registration(&alice).unwrap(), Some(anew));
        assert_eq!(store.account(&alice).unwrap(), Some(account("alice", "k1")));
    });
}

#[test]
fn a_registration_alone_is_kept_without_an_account() {
    both(|store| {
        store.save_registration(&registration("bob", "k")).unwrap();
        let bob = entity("bob");
        assert_eq!(
            store.registration(&bob).unwrap(),
            Some(registration("bob", "k"))
        );
        assert_eq!(store.account(&bob).unwrap(), None);
        assert_eq!(store.entities().unwrap(), [bob]);
    });
}

#[test]
fn the_default_is_one_that_is_kept_and_goes_with_it() {
    both(|store| {
        let alice = entity("alice");
        let unknown = store.set_default_entity(&alice).unwrap_err();
        assert!(matches!(unknown, StoreError::Unknown(of) if of == alice));
        store.save_account(&account("alice", "k")).unwrap();
        store.save_account(&account("bob", "k")).unwrap();
        assert_eq!(store.default_entity().unwrap(), None);
        store.set_default_entity(&alice).unwrap();
        assert!(!store.remove(&entity("carol")).unwrap());
        assert_eq!(store.default_entity().unwrap(), Some(alice.clone()));
        assert!(store.remove(&alice).unwrap());
        assert_eq!(store.default_entity().unwrap(), None);
        assert_eq!(store.entities().unwrap(), [entity("bob")]);
    });
}

#[test]
fn entities_are_compared_as_text() {
    both(|store| {
        store.save_account(&account("alice", "k")).unwrap();
        let with_slash = "https://alice.example/".parse().unwrap();
        assert_eq!(store.account(&with_slash).unwrap(), None);
    });
}

#[test]
fn debug_shows_no_key() {
    let memory = MemoryStore::new();
    let mut account = account("alice", "account-5ecret");
    account.refresh_token = Some("refresh-5ecret".into());
    memory.save_account(&account).unwrap();
    let shown = format!("{memory:?} {account:?}");
    assert!(
        shown.contains("https://alice.example") && !shown.contains("5ecret"),
        "{shown}"
    );
}
