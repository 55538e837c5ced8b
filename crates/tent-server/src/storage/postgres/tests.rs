//! What is so with PostgreSQL alone.

use std::sync::atomic::{AtomicU32, Ordering};

use tent_testkit::postgres::Cluster;

use super::*;
use crate::storage::condition::{Condition, column};
use crate::storage::delivery::tests::{NOW, followed_by, lease, origins, publish};
use crate::storage::processes::Changes;
use crate::storage::row::Row as _;
use crate::storage::{Accounts as _, Changed, Deliveries as _, Feed, SortBy, StoredPost, Visible};

/// An empty database, open this often. None where there is no PostgreSQL, which was said.
async fn open<const TIMES: usize>() -> Option<[Postgres; TIMES]> {
    let config = Cluster::shared()?.create_database();
    let mut all = Vec::new();
    for _ in 0..TIMES {
        all.push(Postgres::open(&config, PathBuf::new()).await.unwrap());
    }
    all.try_into().ok()
}

#[tokio::test]
async fn what_one_process_leases_is_the_others_when_the_lease_ends() {
    let Some([one, other]) = open().await else {
        return;
    };
    let account = followed_by(&one, &["bob", "carol"]).await;
    publish(&one, account, "p1").await;
    let leased = lease(&one, NOW, &["https://carol.example"]).await;
    assert_eq!(origins(&leased), ["https://bob.example"]);
    assert_eq!(other.next_delivery(NOW).await.unwrap(), Some(NOW));
    assert_eq!(
        origins(&lease(&other, NOW, &[]).await),
        ["https://carol.example"]
    );
    assert_eq!(other.next_delivery(NOW).await.unwrap(), Some(NOW + 300));
    // The other begins anew. What the one is about to send stays with that.
    other.release_deliveries().await.unwrap();
    assert_eq!(
        origins(&lease(&other, NOW, &[]).await),
        ["https://carol.example"]
    );
    assert!(lease(&other, NOW + 299, &[]).await.is_empty());
    assert_eq!(lease(&other, NOW + 300, &[]).await.len(), 2);
}

#[tokio::test]
async fn what_one_process_queues_wakes_the_others() {
    let Some([one, other]) = open().await else {
        return;
    };
    let (mut here, mut there) = (one.queued(), other.queued());
    // Until it listens nothing is heard; then it looks once, whatever was missed.
    there.changed().await.unwrap();
    let account = followed_by(&one, &["bob"]).await;
    there.mark_unchanged();
    here.mark_unchanged();
    publish(&one, account, "p1").await;
    here.changed().await.unwrap();
    there.changed().await.unwrap();
}

#[tokio::test]
async fn pages_come_from_an_index_in_their_order() {
    let Some([storage]) = open().await else {
        return;
    };
    let db = storage.0.connection().await.unwrap();
    // The tables are empty. What is asked is whether an index can give the order.
    db.batch("SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_sort = off")
        .await
        .unwrap();
    let feed = |visible: &Visible, sort_by, types: &[&str]| Feed {
        visible: visible.clone(),
        own_only: false,
        sort_by,
        ascending: false,
        limit: 50,
        since: None,
        before: None,
        until: None,
        since_time: None,
        before_time: None,
        publishers: Vec::new(),
        type_bases: types.iter().map(|&base| base.to_owned()).collect(),
        mentioned_entity: None,
        mentioned_post: None,
    };
    let (all, public) = (&Visible::All, &Visible::Public);
    let granted = &Visible::Types(vec!["a".into(), "b".into()]);
    for (feed, index) in [
        (feed(all, SortBy::Received, &[]), "posts_received"),
        (feed(all, SortBy::Published, &[]), "posts_published"),
        (feed(all, SortBy::Updated, &[]), "posts_updated"),
        (feed(all, SortBy::Received, &["a"]), "posts_typed"),
        (feed(granted, SortBy::Received, &[]), "posts_received"),
        (feed(public, SortBy::Received, &[]), "open_received"),
        (feed(public, SortBy::Published, &[]), "open_published"),
        (feed(public, SortBy::Updated, &[]), "open_updated"),
        (feed(public, SortBy::Received, &["a"]), "open_typed"),
    ] {
        let mut condition = Condition::new(AccountKey(1));
        condition.filters(&feed);
        let column = column(feed.sort_by);
        let place = [5_i64.into(), 5_i64.into()];
        condition.and(&format!("({column}, key) < (?, ?)"), place);
        let sql = condition.page_sql(StoredPost::COLUMNS, &feed);
        let values = condition.values();
        let values = connection::borrowed(&values);
        let plan = db.rows(&format!("EXPLAIN {sql}"), &values).await.unwrap();
        let plan = plan.iter().map(|row| row.at::<String>(0).unwrap());
        let plan = plan.collect::<Vec<_>>().join("\n");
        assert!(plan.contains(&format!("Backward using {index} ")), "{plan}");
        assert!(
            plan.contains(&format!("(ROW({column}, key) < ROW(")),
            "{plan}"
        );
        assert!(!plan.contains("Sort"), "{plan}");
    }
}

#[tokio::test]
async fn what_others_got_in_the_way_of_is_done_again_and_nothing_else_is() {
    let Some([storage]) = open().await else {
        return;
    };
    static TRIED: AtomicU32 = AtomicU32::new(0);
    let fail = async |state: &str, times: u32| {
        TRIED.store(0, Ordering::Relaxed);
        let raise = format!("DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '{state}'; END $$");
        let failed = storage.write((raise, times), |db, (raise, times)| {
            Box::pin(async move {
                match TRIED.fetch_add(1, Ordering::Relaxed) {
                    tried if tried < *times => db.batch(raise).await,
                    _ => Ok(()),
                }
            })
        });
        (failed.await, TRIED.load(Ordering::Relaxed))
    };
    for state in ["40001", "40P01", "23505"] {
        assert!(matches!(fail(state, 2).await, (Ok(()), 3)), "{state}");
        assert!(matches!(fail(state, 99).await, (Err(_), 5)), "{state}");
    }
    let full = fail("53100", 1).await;
    let StorageError::Database(DatabaseError::Full) = full.0.unwrap_err() else {
        panic!("it is not told");
    };
    assert_eq!(full.1, 1);
    // A connection that is lost before anything stands is another's turn.
    assert!(matches!(fail("57P01", 1).await, (Ok(()), 2)));
    let (away, _) = fail("57P01", 99).await;
    let StorageError::Database(DatabaseError::Unreachable(_)) = away.unwrap_err() else {
        panic!("it is not told");
    };
}

#[tokio::test]
async fn nonces_that_cannot_come_back_are_forgotten() {
    let Some([storage]) = open().await else {
        return;
    };
    let account = followed_by(&storage, &[]).await;
    let sign = async |timestamp| {
        let stamp = Stamp {
            mac_id: "u:1".to_owned(),
            timestamp,
            nonce: "n".to_owned(),
        };
        let written =
            storage.write_signed(account, Some(stamp), (), |_, ()| Box::pin(async { Ok(()) }));
        written.await
    };
    sign(NOW).await.unwrap();
    assert!(matches!(sign(NOW).await, Err(StorageError::Replayed)));
    sign(NOW + 2 * WINDOW).await.unwrap();
    assert!(matches!(sign(NOW).await, Err(StorageError::Replayed)));
    sign(NOW + 2 * WINDOW + 60).await.unwrap();
    let count = storage.read((), |db, ()| {
        Box::pin(db.one::<i64>("SELECT count(*) FROM nonces", &[]))
    });
    assert_eq!(count.await.unwrap(), 2);
}

#[tokio::test]
async fn a_write_goes_on_without_whoever_asked_for_it() {
    let Some([storage]) = open().await else {
        return;
    };
    let account = followed_by(&storage, &[]).await;
    drop(storage.change_passphrase(account, "new".to_owned()));
    let changed = async || storage.passphrase(account).await.unwrap() == "new";
    while !changed().await {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn what_a_process_that_died_has_leased_goes_to_the_others_soon() {
    let Some([one, other]) = open().await else {
        return;
    };
    assert!(!one.join().await.unwrap(), "it is alone");
    assert!(other.join().await.unwrap());
    let account = followed_by(&one, &["bob"]).await;
    publish(&one, account, "p1").await;
    assert_eq!(lease(&one, NOW, &[]).await.len(), 1);
    other.0.beat().await.unwrap();
    assert!(lease(&other, NOW, &[]).await.is_empty(), "it is alive");
    let age = async |lessee: i64| {
        let sql = "UPDATE processes SET seen_at = now() - INTERVAL '21 seconds' WHERE lessee = $1";
        let db = other.0.connection().await.unwrap();
        assert_eq!(db.execute(sql, &[&lessee]).await.unwrap(), 1);
    };
    // The database was away: nobody was seen.
    age(one.lessee()).await;
    age(other.lessee()).await;
    other.0.beat().await.unwrap();
    assert!(lease(&other, NOW, &[]).await.is_empty());
    other.0.beat().await.unwrap();
    assert_eq!(lease(&other, NOW, &[]).await.len(), 1);
}

#[tokio::test]
async fn changes_of_entities_are_told_in_order_and_all_of_them_when_some_are_forgotten() {
    let Some([one, other]) = open().await else {
        return;
    };
    let all = |changes: Changes| match changes.entities {
        Changed::All(entities) => (changes.count, entities.len()),
        Changed::Some(some) => panic!("{some:?}"),
    };
    let some = |changes: Changes| match changes.entities {
        Changed::Some(entities) => (changes.count, entities),
        Changed::All(all) => panic!("{all:?}"),
    };
    followed_by(&one, &[]).await;
    assert_eq!(all(other.changes_since(None).await.unwrap()), (1, 1));
    let alice: tent_proto::Entity = "https://alice.example".parse().unwrap();
    assert!(one.remove_account(alice.clone()).await.unwrap());
    let told = some(other.changes_since(Some(0)).await.unwrap());
    assert_eq!(told, (2, vec![(alice.clone(), false), (alice, false)]));
    assert_eq!(
        some(other.changes_since(Some(2)).await.unwrap()),
        (2, vec![])
    );
    let db = one.0.connection().await.unwrap();
    db.batch("DELETE FROM entity_changes WHERE change = 1")
        .await
        .unwrap();
    assert_eq!(all(other.changes_since(Some(0)).await.unwrap()), (2, 0));
    assert_eq!(some(other.changes_since(Some(1)).await.unwrap()).0, 2);
}

#[tokio::test]
async fn writes_of_an_entity_share_a_commit_and_each_fails_by_itself() {
    let Some([storage]) = open().await else {
        return;
    };
    let account = followed_by(&storage, &[]).await;
    // Which transaction each was done in. All are in the line before the first is begun, since nothing
    // is waited for.
    let write = async |nonces: [&str; 3]| {
        let writes = nonces.map(|nonce| {
            let stamp = Stamp {
                mac_id: "u:1".to_owned(),
                timestamp: NOW,
                nonce: nonce.to_owned(),
            };
            storage.write_signed(account, Some(stamp), (), |db, ()| {
                Box::pin(db.one::<i64>("SELECT txid_current()", &[]))
            })
        });
        let mut transactions = Vec::new();
        for write in writes {
            transactions.push(write.await);
        }
        transactions
    };
    let [a, b, c] = <[_; 3]>::try_from(write(["1", "2", "3"]).await).unwrap();
    let a = a.unwrap();
    assert_eq!([a, a], [b.unwrap(), c.unwrap()]);
    // One was used before, in another group or in the same.
    let [d, e, f] = <[_; 3]>::try_from(write(["4", "2", "4"]).await).unwrap();
    assert!(d.unwrap() > a);
    for replayed in [e, f] {
        assert!(matches!(replayed, Err(StorageError::Replayed)));
    }
}

#[tokio::test]
async fn posts_are_added_together_in_their_order_and_what_goes_by_what_it_read_is_done_alone() {
    let Some([storage]) = open().await else {
        return;
    };
    let account = followed_by(&storage, &["bob"]).await;
    let add = |id| publish(&storage, account, id);
    tokio::join!(add("c"), add("a"), add("c"), add("b"));
    let db = storage.0.connection().await.unwrap();
    let sql = "SELECT string_agg(id, ' ' ORDER BY key) FROM posts";
    assert_eq!(db.one::<String>(sql, &[]).await.unwrap(), "c a b");
    assert_eq!(lease(&storage, NOW, &[]).await.len(), 3);

    let count = || {
        storage.write_signed(account, None, account, |db, account| {
            Box::pin(async move {
                let sql = "SELECT created_at FROM entities WHERE id = $1";
                let next = db.one::<i64>(sql, &[&account.0]).await? + 1;
                let sql = "UPDATE entities SET created_at = $2 WHERE id = $1";
                db.execute(sql, &[&account.0, &next]).await
            })
        })
    };
    let (one, two, three) = tokio::join!(count(), count(), count());
    assert_eq!([one, two, three].map(Result::unwrap), [1; 3]);
    let sql = "SELECT created_at FROM entities";
    assert_eq!(db.one::<i64>(sql, &[]).await.unwrap(), NOW + 3);
}

#[test]
fn what_is_wrong_with_a_connection_string_is_told_without_a_password() {
    for (config, told) in [
        (
            "postgres://tent:secret@db/tent?sslmod=require",
            "unknown option `sslmod`",
        ),
        (
            "postgres://tent:secret@db/tent?sslmode=secret",
            "invalid value for option `sslmode`",
        ),
        (
            "postgres://db/tent?user=a&x!secret=1",
            "an option has a name that there is not",
        ),
        (
            "postgre://tent:secret@db/tent?sslmode=require",
            "it is neither a URL",
        ),
        ("mysql://tent:secret@db/tent", "it is neither a URL"),
    ] {
        let error = match pool(config) {
            Err(error) => error.to_string(),
            Ok(_) => panic!("{config} can be read"),
        };
        assert!(error.contains(told), "{config}: {error}");
        assert!(!error.contains("secret"), "{error}");
    }
}
