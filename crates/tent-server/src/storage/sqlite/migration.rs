//! The schema and its versions. Migrations go forward only.

use rusqlite::Connection;

use crate::storage::DatabaseError;

/// Each brings the schema one version further. What was released is never edited.
const MIGRATIONS: &[&str] = &[include_str!("migrations/001_first.sql")];

/// Brings the schema to the version of this program, all or nothing.
pub(super) fn migrate(db: &mut Connection) -> Result<(), DatabaseError> {
    let transaction = db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let found: i64 = transaction.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let known = MIGRATIONS.len();
    let found = usize::try_from(found).unwrap_or(usize::MAX);
    let Some(missing) = MIGRATIONS.get(found..) else {
        return Err(DatabaseError::Newer { found, known });
    };
    for migration in missing {
        transaction.execute_batch(migration)?;
    }
    if !missing.is_empty() {
        transaction.pragma_update(None, "user_version", known as i64)?;
        tracing::info!(from = found, to = known, "the schema was migrated");
    }
    Ok(transaction.commit()?)
}
