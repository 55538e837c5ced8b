//! Plain tokio-postgres, with as many posts in the same table and with the same indexes.

use std::sync::atomic::{AtomicU64, Ordering};

use deadpool_postgres::{Client, Pool};
use tokio::task::JoinSet;
use tokio_postgres::types::ToSql;

use super::bare;
use crate::database::{MEMBERS, now};

const NONCE: &str = "INSERT INTO nonces (timestamp, mac_id, nonce) VALUES ($1, 'u:bench', $2)";
const POST: &str = "INSERT INTO posts (entity_id, publisher, id, own, public, type_base, type, published_at, received_at,
        updated_at, version, members, entities, groups)
    VALUES (1, 'http://127.0.0.1:65535', $1, TRUE, TRUE, 'https://tent.io/types/post/status',
        'https://tent.io/types/post/status/v0.1.0', $2, $2, $2, 1, $3, '{}', '[]')";

/// Connections that each commit what they write.
pub(super) struct Writers(Pool);

impl Writers {
    pub(super) fn connect(config: &str) -> Self {
        Self(bare::pool(config))
    }

    /// So many producers write so many rows each, and wait for each until it is durable.
    pub(super) async fn write(&self, producers: usize, each: usize) {
        let mut tasks = JoinSet::new();
        for _ in 0..producers {
            let pool = self.0.clone();
            tasks.spawn(async move {
                for _ in 0..each {
                    insert(&pool.get().await.expect("there is one")).await;
                }
            });
        }
        tasks.join_all().await;
    }
}

/// What a signed post comes to, in one round trip.
async fn insert(client: &Client) {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    // Scattered, as ids are.
    let id = format!(
        "{:022x}",
        u128::from(count.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    );
    let (time, now) = (1_400_000_000 + count.cast_signed(), now().cast_signed());
    let nonce = client.prepare_cached(NONCE).await.expect("it is SQL");
    let post = client.prepare_cached(POST).await.expect("it is SQL");
    let stamp: [&(dyn ToSql + Sync); 2] = [&now, &id];
    let values: [&(dyn ToSql + Sync); 3] = [&id, &time, &MEMBERS];
    let done = tokio::try_join!(
        client.batch_execute("BEGIN"),
        client.execute(&nonce, &stamp),
        client.execute(&post, &values),
        client.batch_execute("COMMIT"),
    );
    done.expect("it is stored");
}
