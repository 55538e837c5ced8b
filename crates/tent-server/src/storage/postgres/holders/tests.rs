//! What those who ask at once are told.

use std::path::PathBuf;

use tent_testkit::postgres::Cluster;
use tokio::task::{JoinHandle, yield_now};

use super::*;
use crate::storage::Apps as _;
use crate::storage::delivery::tests::{NOW, followed_by};
use crate::storage::postgres::CONNECTIONS;

/// Two processes, and Alice, who is followed by Bob. None where there is no PostgreSQL, which was said.
async fn world() -> Option<(Postgres, Postgres, AccountKey)> {
    let config = Cluster::shared()?.create_database();
    let open = async || Postgres::open(&config, PathBuf::new()).await.unwrap();
    let (one, other) = (open().await, open().await);
    let account = followed_by(&one, &["bob"]).await;
    Some((one, other, account))
}

/// Asks, and goes on once that waits.
async fn ask(of: &Postgres, account: AccountKey) -> JoinHandle<Option<Arc<Holder>>> {
    let of = of.clone();
    let asked = tokio::spawn(async move { of.holder(account, "s:bob".into(), NOW).await.unwrap() });
    yield_now().await;
    asked
}

#[tokio::test]
async fn those_who_wait_for_a_connection_are_told_the_same_and_nothing_old() {
    let Some((one, other, account)) = world().await else {
        return;
    };
    for is_there in [true, false] {
        let mut taken = Vec::new();
        for _ in 0..CONNECTIONS {
            taken.push(one.0.connection().await.unwrap());
        }
        let asked = [ask(&one, account).await, ask(&one, account).await];
        let gone = ask(&one, account).await;
        gone.abort(); // whoever goes away takes nothing along
        assert!(gone.await.is_err());
        let last = ask(&one, account).await;
        if !is_there {
            let db = other.0.connection().await.unwrap();
            db.batch("DELETE FROM followers").await.unwrap();
        }
        drop(taken);
        let [first, second] = asked;
        let (first, second) = (first.await.unwrap(), second.await.unwrap());
        assert_eq!(first.is_some(), is_there);
        let same = first.iter().zip(&second).all(|(a, b)| Arc::ptr_eq(a, b));
        assert!(same && second.is_some() == is_there);
        assert_eq!(last.await.unwrap().is_some(), is_there);
        assert!(one.0.questions.lock().is_empty(), "nothing is kept");
    }
}

#[tokio::test]
async fn a_question_that_is_put_already_is_nobody_elses() {
    let Some((one, other, account)) = world().await else {
        return;
    };
    let db = other.0.connection().await.unwrap();
    db.batch("BEGIN; LOCK TABLE followers").await.unwrap();
    let mut asked = Vec::new();
    for _ in 0..2 {
        asked.push(ask(&one, account).await);
        while !one.0.questions.lock().is_empty() {
            yield_now().await;
        }
    }
    db.batch("COMMIT").await.unwrap();
    let [first, second] = <[_; 2]>::try_from(asked).unwrap();
    let (first, second) = (first.await.unwrap(), second.await.unwrap());
    assert!(!Arc::ptr_eq(&first.unwrap(), &second.unwrap()));
}

#[tokio::test]
async fn a_question_that_nobody_waits_for_is_forgotten() {
    let Some((one, _, account)) = world().await else {
        return;
    };
    let mut taken = Vec::new();
    for _ in 0..CONNECTIONS {
        taken.push(one.0.connection().await.unwrap());
    }
    let asked = ask(&one, account).await;
    assert_eq!(one.0.questions.lock().len(), 1);
    asked.abort();
    assert!(asked.await.is_err());
    assert!(one.0.questions.lock().is_empty());
}
