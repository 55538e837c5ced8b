//! What is at hand, and when there is to be more.

use std::sync::Arc;

use super::*;
use crate::metrics::Metrics;
use crate::peers::{Peers, Reach};
use crate::storage::{AccountKey, DeliveryKey, Owner, Route, Storage, StoredPost};

/// An empty database, and what asks it.
fn context() -> (Arc<dyn Storage>, Context) {
    let storage = crate::Database::in_memory().unwrap().into_storage();
    let context = Context {
        storage: Arc::downgrade(&storage),
        reach: Reach::one(&Arc::new(Peers::near())),
        clock: Arc::new(|| 0),
        metrics: Arc::new(Metrics::new()),
    };
    (storage, context)
}

fn delivery(origin: usize) -> Delivery {
    Delivery {
        key: DeliveryKey(0),
        origin: format!("https://{origin}.example"),
        attempts: 0,
        queued_at: 0,
    }
}

fn outgoing() -> Outgoing {
    let alice: tent_proto::Entity = "https://alice.example".parse().unwrap();
    Outgoing {
        owner: Owner {
            account: AccountKey::first(),
            entity: alice.clone(),
        },
        recipient: None,
        post: Arc::new(StoredPost {
            publisher: alice.clone(),
            id: "p".into(),
            public: true,
            received_at: 0,
            updated_at: 0,
            version: 1,
            members: String::new(),
            entities: String::new(),
            groups: String::new(),
            views: None,
        }),
        route: Route::Stranger(alice),
    }
}

/// With deliveries for these origins.
fn leased(origins: impl Iterator<Item = usize>, rest: Rest) -> Supply {
    let mut supply = Supply::default();
    supply.leased(Some((origins.map(delivery).collect(), rest)));
    supply
}

#[test]
fn one_server_keeps_none_waiting_for_the_others() {
    let (_storage, context) = context();
    let mut of_one = leased(std::iter::repeat_n(1, LEASED), Rest::More);
    assert!(of_one.lease(&context).is_some());
    assert!(of_one.lease(&context).is_none(), "it is under way");
    let mut of_many = leased(0..LEASED / 2 + 1, Rest::More);
    assert!(of_many.lease(&context).is_none());
    of_many.clear_of("https://0.example");
    assert!(of_many.lease(&context).is_some());
}

#[tokio::test]
async fn of_one_server_no_more_is_read_than_is_sent_to_it_at_a_time() {
    let (_storage, context) = context();
    let mut supply = leased([1, 1, 1, 1, 1, 1, 2].into_iter(), Rest::Nothing);
    let Answer::Read(read) = supply.read(&context).unwrap().await else {
        panic!("it is read");
    };
    let origins: Vec<_> = read.iter().map(|(one, _)| one.origin.as_str()).collect();
    let [one, two] = ["https://1.example", "https://2.example"];
    assert_eq!(origins, [one, one, one, one, two]);
    assert!(supply.read(&context).is_none(), "it is under way");
    // The database has none of them.
    assert_eq!(supply.ready(read).len(), 5);
    assert!(!supply.is_empty(), "two wait");
    assert!(supply.read(&context).is_some());
}

#[test]
fn what_is_queued_while_more_is_leased_is_not_missed() {
    let (_storage, context) = context();
    let mut supply = Supply::default();
    for changed in [false, true] {
        assert!(supply.lease(&context).is_some());
        if changed {
            supply.changed();
        }
        supply.leased(Some((Vec::new(), Rest::Nothing)));
        assert_eq!(supply.lease(&context).is_some(), changed);
        supply = Supply::default();
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_read_too_long_ago_is_read_again() {
    let (_storage, context) = context();
    let mut supply = leased([1, 2, 3, 4].into_iter(), Rest::Nothing);
    drop(supply.read(&context)); // which is answered with this:
    let read = [1, 2, 3, 4].map(|origin| (delivery(origin), Some(outgoing())));
    assert!(supply.ready(read.into()).is_empty());
    let taken = supply.take(|origin| origin.starts_with("https://1.").then_some(()));
    assert_eq!(taken.len(), 1);
    tokio::time::advance(FRESH + Duration::from_millis(1)).await;
    assert!(supply.take(|_| Some(())).is_empty());
    let Answer::Read(again) = supply.read(&context).unwrap().await else {
        panic!("it is read");
    };
    let origins: Vec<_> = again.iter().map(|(one, _)| one.origin.as_str()).collect();
    let rest = [
        "https://2.example",
        "https://3.example",
        "https://4.example",
    ];
    assert_eq!(origins, rest, "in their order");
}

#[tokio::test]
async fn when_the_database_is_gone_nothing_is_read() {
    let (storage, context) = context();
    let mut supply = leased([1, 2].into_iter(), Rest::Nothing);
    drop(storage);
    let Answer::ReadInPart(read) = supply.read(&context).unwrap().await else {
        panic!("it cannot be read");
    };
    assert!(read.is_empty());
}
