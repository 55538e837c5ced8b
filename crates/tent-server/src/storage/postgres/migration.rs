//! The schema and its versions. Migrations go forward only, each in a transaction of its own. Of
//! processes that start at once one migrates, and the others wait for it: the version is a row, which
//! is locked.

use deadpool_postgres::Pool;

use super::connection::Db;
use super::failure;
use crate::storage::{DatabaseError, StorageError};

/// Each brings the schema one version further. What was released is never edited.
const MIGRATIONS: &[&str] = &[
    include_str!("migrations/001_first.sql"),
    include_str!("migrations/002_processes.sql"),
    include_str!("migrations/003_leases.sql"),
];

/// The version that this program makes.
pub(in crate::storage) const SCHEMA_VERSION: i64 = MIGRATIONS.len() as i64;

/// Brings the schema to the version of this program.
pub(in crate::storage) async fn migrate(pool: &Pool) -> Result<(), DatabaseError> {
    migrate_by(pool, MIGRATIONS)
        .await
        .map_err(|error| match error {
            StorageError::Database(error) => error,
            _ => DatabaseError::Closed,
        })
}

async fn migrate_by(pool: &Pool, migrations: &[&str]) -> Result<(), StorageError> {
    while !version_is_kept(pool).await? {}
    while step(pool, migrations).await? {}
    Ok(())
}

/// Makes the table that has the version, if it is not there. `false` when another process got in the
/// way: `IF NOT EXISTS` does not hold among those that begin at once.
async fn version_is_kept(pool: &Pool) -> Result<bool, StorageError> {
    let mut db = Db::new(pool.get().await.map_err(DatabaseError::from)?);
    db.begin(None, &[]).await?;
    let made = async {
        db.batch("CREATE TABLE IF NOT EXISTS schema_version (one BOOLEAN PRIMARY KEY CHECK (one), version BIGINT NOT NULL)")
            .await?;
        let sql = "INSERT INTO schema_version VALUES (TRUE, 0) ON CONFLICT DO NOTHING";
        db.batch(sql).await
    };
    match db.end(made.await).await {
        Err(error) if failure::is_conflict(&error) => Ok(false),
        made => made.map(|()| true),
    }
}

/// Makes the next migration. `false` when there is none.
async fn step(pool: &Pool, migrations: &[&str]) -> Result<bool, StorageError> {
    let mut db = Db::new(pool.get().await.map_err(DatabaseError::from)?);
    db.begin(None, &[]).await?;
    let migrated = async {
        let sql = "SELECT version FROM schema_version FOR UPDATE";
        // Less than none while a copy is put into it.
        let found = usize::try_from(db.one::<i64>(sql, &[]).await?)
            .map_err(|_| DatabaseError::Unfinished)?;
        let known = migrations.len();
        if found > known {
            return Err(DatabaseError::Newer { found, known }.into());
        }
        let Some(migration) = migrations.get(found) else {
            return Ok(false);
        };
        db.batch(migration).await?;
        db.batch("UPDATE schema_version SET version = version + 1")
            .await?;
        tracing::info!(from = found, to = found + 1, "the schema was migrated");
        Ok(true)
    };
    let migrated = migrated.await;
    db.end(migrated).await
}

#[cfg(test)]
mod tests {
    use tent_testkit::postgres::Cluster;

    use super::*;
    use crate::storage::postgres::Postgres;

    #[tokio::test]
    async fn a_migration_that_broke_off_leaves_nothing_and_is_made_by_the_next_start() {
        let Some(cluster) = Cluster::shared() else {
            return;
        };
        let config = cluster.create_database();
        let storage = Postgres::open(&config, "".into()).await.unwrap();
        let with = |next| [MIGRATIONS, &[next]].concat();
        let broken = with("CREATE TABLE next (x INT); SELECT 1 / 0");
        migrate_by(&storage.0.pool, &broken).await.unwrap_err();
        Postgres::open(&config, "".into()).await.unwrap();
        let whole = with("CREATE TABLE next (x INT)");
        migrate_by(&storage.0.pool, &whole).await.unwrap();
        let newer = Postgres::open(&config, "".into()).await;
        assert!(matches!(newer, Err(DatabaseError::Newer { .. })));
    }
}
