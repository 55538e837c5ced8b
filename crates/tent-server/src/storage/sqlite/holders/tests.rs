//! What is remembered of credentials, and when that ends.

use std::sync::Arc;

use tent_proto::Scope;
use tent_proto::mac::{Algorithm, Credentials};

use super::{Holders, MOST};
use crate::storage::sqlite::Sqlite;
use crate::storage::{
    AccountKey, Accounts, AppChange, Apps, Change, Grant, GrantChange, Holder, NewAccount,
    NewAuthorization, Record, Registration, Relation, Relations, Side,
};

const NOW: i64 = 1_356_998_400;
const ENTITY: &str = "https://alice.example";

fn credentials(id: &str) -> Credentials {
    Credentials::new(id, "k", Algorithm::HmacSha256).unwrap()
}

fn holder(mac_id: &str) -> Arc<Holder> {
    Arc::new(Holder::App {
        credentials: credentials(mac_id),
        app: "bench".into(),
    })
}

#[test]
fn what_was_read_before_a_change_is_not_kept_after_it() {
    let (holders, account) = (Holders::default(), AccountKey(1));
    let miss = holders.get(account, "a:1").unwrap_err();
    holders.forget();
    holders.keep(miss, account, &holder("a:1"));
    let miss = holders.get(account, "a:1").unwrap_err();
    holders.keep(miss, account, &holder("a:1"));
    assert!(holders.get(account, "a:1").is_ok());
    assert!(holders.get(AccountKey(2), "a:1").is_err(), "of another");
    holders.forget();
    assert!(holders.get(account, "a:1").is_err());
}

#[test]
fn so_many_are_remembered_and_no_more() {
    let (holders, account) = (Holders::default(), AccountKey(1));
    for number in 0..=MOST {
        let miss = holders.get(account, "other").unwrap_err();
        holders.keep(miss, account, &holder(&format!("a:{number}")));
        let known = holders.known();
        let count = known.holders.values().map(std::collections::HashMap::len);
        assert_eq!(count.sum::<usize>(), known.count);
        assert!(known.count <= MOST);
    }
    assert!(holders.get(account, &format!("a:{MOST}")).is_ok());
    assert!(holders.get(account, "a:0").is_err());
}

/// A database with an app, one that acts for the owner, and a follower.
struct World {
    storage: Sqlite,
    account: AccountKey,
    _folder: tempfile::TempDir,
}

impl World {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let storage = Sqlite::open(&folder.path().join("tent.db")).unwrap();
        let account = NewAccount {
            entity: ENTITY.parse().unwrap(),
            passphrase: String::new(),
            sections: Vec::new(),
            now: NOW,
        };
        let account = storage.create_account(account).await.unwrap().key;
        let app = Registration {
            id: "one".into(),
            name: "One".into(),
            description: None,
            url: "https://app.example".into(),
            icon: None,
            redirect_uris: Vec::new(),
            scopes: [(Scope::ReadPosts, String::new())].into(),
            created_at: NOW,
            credentials: credentials("a:one"),
            authorizations: Vec::new(),
        };
        storage.create_app(account, app, None).await.unwrap();
        let authorization = NewAuthorization {
            id: "first".into(),
            grant: Grant::default(),
            credentials: credentials("u:first"),
            refresh_token: [0; 32],
            follow_url: None,
            now: NOW,
        };
        let created = storage.create_authorization(account, "one".into(), authorization, None);
        assert!(created.await.unwrap().is_some());
        let follower = Relation {
            id: "bob".into(),
            entity: "https://bob.example".parse().unwrap(),
            public: true,
            confirmed: true,
            credentials: Some(credentials("s:bob")),
            servers: Vec::new(),
            record: Record::default(),
            created_at: NOW,
            updated_at: NOW,
        };
        let created = storage.create_relation(account, Side::Follower, follower, None, None);
        created.await.unwrap();
        Self {
            storage,
            account,
            _folder: folder,
        }
    }

    async fn holder(&self, mac_id: &str) -> Option<Arc<Holder>> {
        let found = self.storage.holder(self.account, mac_id.into(), NOW);
        found.await.unwrap()
    }

    /// Has all credentials remembered.
    async fn remember(&self) {
        for mac_id in ["a:one", "u:first", "s:bob"] {
            let first = self.holder(mac_id).await.unwrap();
            let second = self.holder(mac_id).await.unwrap();
            assert!(Arc::ptr_eq(&first, &second), "{mac_id}");
        }
    }

    fn is_remembered(&self, mac_id: &str) -> bool {
        self.storage.holders.get(self.account, mac_id).is_ok()
    }
}

#[tokio::test]
async fn a_changed_grant_counts_at_once() {
    let world = World::new().await;
    world.remember().await;
    let change = GrantChange {
        scopes: Some(vec![Scope::WritePosts]),
        ..GrantChange::default()
    };
    let (app, id) = ("one".into(), "first".into());
    let changed = world
        .storage
        .update_authorization(world.account, app, id, change, None);
    assert!(changed.await.unwrap().is_some());
    let holder = world.holder("u:first").await.unwrap();
    assert!(matches!(&*holder, Holder::Owner { grant, .. } if grant.has(&Scope::WritePosts)));
}

#[tokio::test]
async fn a_changed_app_counts_at_once() {
    let world = World::new().await;
    world.remember().await;
    let change = AppChange {
        name: Some("Other".into()),
        ..AppChange::default()
    };
    let changed = world
        .storage
        .update_app(world.account, "one".into(), change, None);
    assert!(changed.await.unwrap());
    let holder = world.holder("u:first").await.unwrap();
    assert!(matches!(&*holder, Holder::Owner { app_name, .. } if app_name == "Other"));
}

#[tokio::test]
async fn what_is_revoked_is_so_at_once() {
    let world = World::new().await;
    world.remember().await;
    let (app, id) = ("one".into(), "first".into());
    let deleted = world
        .storage
        .delete_authorization(world.account, app, id, None);
    assert!(deleted.await.unwrap());
    assert!(world.holder("u:first").await.is_none());
    assert!(world.holder("a:one").await.is_some());

    world
        .storage
        .delete_app(world.account, "one".into(), None)
        .await
        .unwrap();
    assert!(world.holder("a:one").await.is_none());
}

#[tokio::test]
async fn with_an_app_go_its_authorizations() {
    let world = World::new().await;
    world.remember().await;
    world
        .storage
        .delete_app(world.account, "one".into(), None)
        .await
        .unwrap();
    assert!(world.holder("u:first").await.is_none());
}

#[tokio::test]
async fn a_follower_counts_as_it_is() {
    let world = World::new().await;
    world.remember().await;
    let change = |bob: &mut Relation| bob.record.groups = vec!["friends".into()];
    let (follower, bob) = (Side::Follower, "bob".to_owned());
    let changed = world.storage.change_relation(
        world.account,
        follower,
        bob,
        Change::new(change),
        None,
        None,
    );
    changed.await.unwrap();
    let holder = world.holder("s:bob").await.unwrap();
    assert!(matches!(&*holder, Holder::Server { groups, .. } if groups.len() == 1));
}

#[tokio::test]
async fn all_go_with_their_entity() {
    let world = World::new().await;
    world.remember().await;
    let removed = world.storage.remove_account(ENTITY.parse().unwrap());
    assert!(removed.await.unwrap());
    assert!(!world.is_remembered("u:first"));
    world.remember().await; // the rows go later
    while world.storage.go_on_removing().await.unwrap() {}
    for mac_id in ["a:one", "u:first", "s:bob"] {
        assert!(world.holder(mac_id).await.is_none(), "{mac_id}");
    }
}

#[tokio::test]
async fn an_expired_one_is_none_though_it_is_remembered() {
    let world = World::new().await;
    world
        .storage
        .write(|db| {
            let sql = "UPDATE authorizations SET expires_at = ?1";
            db.execute(sql, [NOW + 10])?;
            Ok(())
        })
        .await
        .unwrap();
    world.remember().await;
    let at = |now| world.storage.holder(world.account, "u:first".into(), now);
    assert!(at(NOW + 9).await.unwrap().is_some());
    assert!(at(NOW + 10).await.unwrap().is_none());
}

#[tokio::test]
async fn what_changes_nothing_of_them_leaves_them() {
    let world = World::new().await;
    world.remember().await;
    let session = world.storage.create_session(world.account, [0; 32], NOW);
    session.await.unwrap();
    assert!(world.is_remembered("u:first"));
    let used = world
        .storage
        .use_authorization(world.account, "u:first".into(), NOW);
    used.await.unwrap();
    assert!(!world.is_remembered("u:first"));
}
