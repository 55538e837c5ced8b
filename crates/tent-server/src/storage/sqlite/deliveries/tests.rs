//! What is kept of deliveries that were given up.

use crate::storage::delivery::tests::{NOW, followed_by, lease, publish};
use crate::storage::sqlite::Sqlite;
use crate::storage::{Attempt, Deliveries, Delivery};

#[tokio::test]
async fn what_is_given_up_is_never_due_again_and_is_kept_for_a_month() {
    let storage = Sqlite::in_memory().unwrap();
    let account = followed_by(&storage, &["bob"]).await;
    let give_up = async |now| {
        let [delivery] = <[Delivery; 1]>::try_from(lease(&storage, now, &[]).await).unwrap();
        let error = "answered with 500".to_owned();
        let given_up = Attempt::GivenUp { now, error };
        storage.attempted(vec![(delivery, given_up)]).await.unwrap();
    };
    let kept = async || {
        let count = storage.read(|db| {
            let sql = "SELECT count(*) FROM deliveries WHERE error = 'answered with 500'";
            Ok(db.query_row(sql, [], |row| row.get::<_, i64>(0))?)
        });
        count.await.unwrap()
    };
    publish(&storage, account, "p1").await;
    give_up(NOW).await;
    assert!(lease(&storage, i64::MAX, &[]).await.is_empty());
    assert_eq!(kept().await, 1);
    publish(&storage, account, "p2").await;
    give_up(NOW + 31 * 24 * 60 * 60).await;
    assert_eq!(kept().await, 0, "both are from the same time");
}
