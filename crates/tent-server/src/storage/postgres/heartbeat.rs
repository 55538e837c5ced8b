//! Which processes are alive. What one that is not has leased goes to the others.

use std::sync::Arc;
use std::time::Duration;

use super::Shared;
use super::connection::Db;
use crate::storage::StorageError;
use crate::storage::row::Row as _;

/// How often a process shows that it is alive, and sees who is not.
const BEAT: Duration = Duration::from_secs(5);

/// Shows from now on that this process is alive.
pub(super) fn begin(of: &Arc<Shared>) {
    let shared = Arc::downgrade(of);
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(BEAT).await;
            let Some(shared) = shared.upgrade() else {
                return;
            };
            if let Err(error) = shared.beat().await {
                tracing::debug!(%error, "this process does not show that it is alive");
            }
        }
    });
}

impl Shared {
    pub(super) async fn beat(&self) -> Result<(), StorageError> {
        let db = self.connection().await?;
        if bury(&db, self.lessee).await? > 0 {
            self.bell.queued.ring();
        }
        beat(&db, self.lessee).await.map(drop)
    }
}

/// Shows that a process is alive, and says whether another is.
pub(super) async fn beat(db: &Db, lessee: i64) -> Result<bool, StorageError> {
    let sql = "INSERT INTO processes (lessee, seen_at) VALUES ($1, now())
         ON CONFLICT (lessee) DO UPDATE SET seen_at = now()";
    db.execute(sql, &[&lessee]).await?;
    let sql = "SELECT EXISTS (SELECT 1 FROM processes WHERE lessee <> $1 AND seen_at > now() - INTERVAL '20 seconds')";
    let row = db.row(sql, &[&lessee]).await?;
    row.map_or(Ok(false), |row| row.at(0))
}

/// Ends the leases of those that were not seen for long, unless that was the database's fault: then this
/// process was not seen either. How many there were.
async fn bury(db: &Db, lessee: i64) -> Result<u64, StorageError> {
    db.execute(
        "WITH dead AS (
             DELETE FROM processes WHERE seen_at < now() - INTERVAL '20 seconds'
                 AND EXISTS (SELECT 1 FROM processes WHERE lessee = $1 AND seen_at > now() - INTERVAL '10 seconds')
             RETURNING lessee)
         UPDATE deliveries SET leased_by = NULL, leased_until = 0
         WHERE leased_until > 0 AND leased_by IN (SELECT lessee FROM dead)",
        &[&lessee],
    )
    .await
}
