//! What is taken from the queue, and when, in either database.

use crate::storage::{
    AccountKey, Attempt, Audience, Delivery, NewAccount, NewPost, Outgoing, Record, Relation,
    Route, Side, Storage,
};

pub(in crate::storage) const NOW: i64 = 1_356_998_400;

fn relation(name: &str) -> Relation {
    let credentials = tent_proto::mac::Credentials::new(
        format!("s:{name}"),
        "k",
        tent_proto::mac::Algorithm::HmacSha256,
    );
    Relation {
        id: name.to_owned(),
        entity: format!("https://{name}.example").parse().unwrap(),
        public: true,
        confirmed: true,
        credentials: Some(credentials.unwrap()),
        servers: vec![format!("https://{name}.example/tent").parse().unwrap()],
        record: Record::default(),
        created_at: NOW,
        updated_at: NOW,
    }
}

/// Alice, who is followed by these.
pub(in crate::storage) async fn followed_by(storage: &dyn Storage, names: &[&str]) -> AccountKey {
    let account = NewAccount {
        entity: "https://alice.example".parse().unwrap(),
        passphrase: String::new(),
        sections: Vec::new(),
        now: NOW,
    };
    let account = storage.create_account(account).await.unwrap().key;
    for name in names {
        let follower = relation(name);
        let created = storage.create_relation(account, Side::Follower, follower, None, None);
        created.await.unwrap();
    }
    account
}

async fn to_send(storage: &dyn Storage, delivery: &Delivery) -> Option<Outgoing> {
    let all = storage.outgoing(vec![delivery.key], NOW).await.unwrap();
    let [one] = <[_; 1]>::try_from(all).unwrap();
    one
}

/// A post for everybody.
fn note(id: &str) -> NewPost {
    NewPost {
        publisher: "https://alice.example".parse().unwrap(),
        id: id.into(),
        version: 1,
        post_type: "https://x.example/note/v0.1.0".into(),
        audience: Audience {
            public: true,
            ..Audience::default()
        },
        published_at: NOW,
        received_at: NOW,
        updated_at: NOW,
        mentions: Vec::new(),
        attachments: Vec::new(),
        members: format!(r#""id":"{id}""#),
        views: None,
    }
}

pub(in crate::storage) async fn publish(storage: &dyn Storage, account: AccountKey, id: &str) {
    let created = storage.create_post(account, note(id), None);
    created.await.unwrap();
}

pub(in crate::storage) async fn lease(
    storage: &dyn Storage,
    now: i64,
    except: &[&str],
) -> Vec<Delivery> {
    let except = except.iter().map(|&origin| origin.to_owned()).collect();
    storage.lease_deliveries(now, 100, except).await.unwrap()
}

pub(in crate::storage) fn origins(deliveries: &[Delivery]) -> Vec<&str> {
    deliveries.iter().map(|one| one.origin.as_str()).collect()
}

async fn what_is_leased_is_not_leased_again_until_a_server_begins_anew(storage: &dyn Storage) {
    let account = followed_by(storage, &["bob", "carol"]).await;
    publish(storage, account, "p1").await;
    assert_eq!(storage.next_delivery(NOW).await.unwrap(), Some(NOW));
    assert!(lease(storage, NOW - 1, &[]).await.is_empty());
    let leased = lease(storage, NOW, &["https://carol.example"]).await;
    assert_eq!(origins(&leased), ["https://bob.example"]);
    let leased = lease(storage, NOW, &[]).await;
    assert_eq!(origins(&leased), ["https://carol.example"]);
    assert!(lease(storage, NOW, &[]).await.is_empty());
    storage.release_deliveries().await.unwrap();
    assert_eq!(lease(storage, NOW, &[]).await.len(), 2);
}

async fn what_waits_for_a_server_that_is_silent_waits_with_it_and_goes_with_it(
    storage: &dyn Storage,
) {
    let account = followed_by(storage, &["bob", "carol"]).await;
    publish(storage, account, "p1").await;
    publish(storage, account, "p2").await;
    let mut leased = lease(storage, NOW, &[]).await;
    let at = leased
        .iter()
        .position(|one| one.origin == "https://bob.example");
    let silent = Attempt::Again {
        at: NOW + 30,
        error: "could not connect".to_owned(),
        silent: true,
    };
    let failed = leased.remove(at.unwrap());
    storage.attempted(vec![(failed, silent)]).await.unwrap();
    assert_eq!(storage.next_delivery(NOW).await.unwrap(), Some(NOW + 30));
    storage.release_deliveries().await.unwrap();
    let due = lease(storage, NOW, &[]).await;
    assert_eq!(origins(&due), ["https://carol.example"; 2]);
    // It still does not answer, later on; and then it does.
    let due = lease(storage, NOW + 30, &[]).await;
    assert_eq!(origins(&due), ["https://bob.example"; 2]);
    let [first, second] = <[Delivery; 2]>::try_from(due).unwrap();
    let again = Attempt::Again {
        at: NOW + 5_000,
        error: String::new(),
        silent: false,
    };
    storage.attempted(vec![(second, again)]).await.unwrap();
    let delivered = Attempt::Delivered { now: NOW + 60 };
    storage.attempted(vec![(first, delivered)]).await.unwrap();
    assert_eq!(lease(storage, NOW + 60, &[]).await.len(), 1);
}

async fn a_follower_that_is_gone_gets_nothing_and_a_new_version_stands_for_the_old(
    storage: &dyn Storage,
) {
    let account = followed_by(storage, &["bob", "carol"]).await;
    publish(storage, account, "p1").await;
    let change = crate::storage::PostChange::Replace {
        members: [].into(),
        views: None,
        attachments: None,
    };
    let changed = storage.change_post(account, "p1".into(), change, NOW + 1, None);
    changed.await.unwrap();
    let due = lease(storage, NOW + 1, &[]).await;
    assert_eq!(
        origins(&due),
        ["https://bob.example", "https://carol.example"]
    );
    let notice = note("n1");
    let deleted =
        storage.delete_relation(account, Side::Follower, "carol".to_owned(), notice, None);
    deleted.await.unwrap().unwrap();
    let outgoing = to_send(storage, &due[0]).await;
    assert_eq!(outgoing.unwrap().post.version, 2);
    let none = to_send(storage, &due[1]).await;
    assert!(none.is_none(), "{none:?}");
}

async fn the_end_of_a_following_is_told_unless_there_is_another(storage: &dyn Storage) {
    let account = followed_by(storage, &[]).await;
    let follow = || {
        let mut bob = relation("bob");
        bob.record.remote_id = Some("f1".into());
        storage.create_relation(account, Side::Following, bob, None, None)
    };
    follow().await.unwrap();
    let ended =
        storage.delete_relation(account, Side::Following, "bob".to_owned(), note("n1"), None);
    ended.await.unwrap().unwrap();
    let leased = lease(storage, NOW, &[]).await;
    assert_eq!(origins(&leased), ["https://bob.example"]);
    let outgoing = to_send(storage, &leased[0]).await;
    let Some(Route::Unfollowed(followed)) = outgoing.map(|outgoing| outgoing.route) else {
        panic!("it is not told");
    };
    assert_eq!(followed.id.as_str(), "f1");
    assert_eq!(followed.credentials.id(), "s:bob");
    assert_eq!(followed.servers, relation("bob").servers);

    follow().await.unwrap();
    let outgoing = to_send(storage, &leased[0]).await;
    assert!(outgoing.is_none(), "it would end the new one");
}

async fn nothing_is_sent_for_an_entity_that_was_removed(storage: &dyn Storage) {
    let account = followed_by(storage, &["bob"]).await;
    publish(storage, account, "p1").await;
    let leased = lease(storage, NOW, &[]).await;
    let sent = to_send(storage, &leased[0]).await;
    assert!(sent.is_some());
    let alice = "https://alice.example".parse().unwrap();
    assert!(storage.remove_account(alice).await.unwrap());
    let sent = to_send(storage, &leased[0]).await;
    assert!(sent.is_none());
}

async fn each_of_many_is_what_it_is_for(storage: &dyn Storage) {
    let account = followed_by(storage, &["bob", "carol", "dave"]).await;
    publish(storage, account, "p1").await;
    publish(storage, account, "p2").await;
    let leased = lease(storage, NOW, &[]).await;
    assert_eq!(leased.len(), 6);
    let gone =
        storage.delete_relation(account, Side::Follower, "carol".to_owned(), note("n"), None);
    gone.await.unwrap().unwrap();
    let keys = leased.iter().rev().map(|delivery| delivery.key).collect();
    let all = storage.outgoing(keys, NOW).await.unwrap();
    let told = leased.iter().rev().zip(all).map(|(delivery, outgoing)| {
        let outgoing = outgoing.map(|outgoing| {
            let Route::Follower(follower, None) = outgoing.route else {
                panic!("{outgoing:?}");
            };
            assert_eq!(outgoing.recipient.as_ref(), Some(&follower.entity));
            assert_eq!(delivery.origin, follower.entity.as_str());
            outgoing.post.id.to_string()
        });
        (delivery.origin.clone(), outgoing)
    });
    let told: Vec<_> = told.collect();
    for (who, posts) in [
        ("https://bob.example", [Some("p2"), Some("p1")]),
        ("https://carol.example", [None, None]),
        ("https://dave.example", [Some("p2"), Some("p1")]),
    ] {
        let of_whom = told.iter().filter(|(origin, _)| origin == who);
        let of_whom: Vec<_> = of_whom.map(|(_, post)| post.as_deref()).collect();
        assert_eq!(of_whom, posts, "{who}");
    }
}

macro_rules! in_either_database {
    ($($case:ident),+ $(,)?) => {
        mod sqlite {
            $(
                #[tokio::test]
                async fn $case() {
                    let database = crate::Database::in_memory().unwrap();
                    super::$case(&*database.into_storage()).await;
                }
            )+
        }

        #[cfg(feature = "postgres")]
        mod postgres {
            $(
                #[tokio::test]
                async fn $case() {
                    let Some(cluster) = tent_testkit::postgres::Cluster::shared() else {
                        return;
                    };
                    let config = cluster.create_database();
                    let database = crate::Database::postgres(&config, "").await.unwrap();
                    super::$case(&*database.into_storage()).await;
                }
            )+
        }
    };
}

in_either_database!(
    what_is_leased_is_not_leased_again_until_a_server_begins_anew,
    what_waits_for_a_server_that_is_silent_waits_with_it_and_goes_with_it,
    a_follower_that_is_gone_gets_nothing_and_a_new_version_stands_for_the_old,
    the_end_of_a_following_is_told_unless_there_is_another,
    each_of_many_is_what_it_is_for,
    nothing_is_sent_for_an_entity_that_was_removed,
);
