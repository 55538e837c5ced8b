//! The schema and its versions. Migrations go forward only.

use rusqlite::Connection;

use crate::storage::DatabaseError;

/// Each brings the schema one version further. What was released is never edited.
const MIGRATIONS: &[&str] = &[
    include_str!("migrations/001_first.sql"),
    include_str!("migrations/002_versions.sql"),
    include_str!("migrations/003_relations.sql"),
    include_str!("migrations/004_profile.sql"),
    include_str!("migrations/005_used.sql"),
    include_str!("migrations/006_removed_entities.sql"),
    include_str!("migrations/007_deliveries.sql"),
    include_str!("migrations/008_attachments.sql"),
    include_str!("migrations/009_credentials.sql"),
    include_str!("migrations/010_ended_followings.sql"),
];

/// Brings the schema to the version of this program, all or nothing.
pub(in crate::storage) fn migrate(db: &mut Connection) -> Result<(), DatabaseError> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn posts_of_the_first_schema_keep_their_types() {
        let mut db = Connection::open_in_memory().unwrap();
        db.execute_batch(MIGRATIONS[0]).unwrap();
        db.execute_batch(
            r#"PRAGMA user_version = 1;
            INSERT INTO entities VALUES (1, 'https://alice.example', '', 1);
            INSERT INTO posts VALUES (1, 1, 'https://alice.example', 'p1', 1, 1, 'https://x.example/note', 1, 1, 1, 1,
                '"id":"p1","type":"https://x.example/note/v1.2.0","version":1', '{}', NULL);"#,
        )
        .unwrap();
        migrate(&mut db).unwrap();
        let kept = db.query_row("SELECT type FROM posts", [], |row| row.get(0));
        assert_eq!(kept, Ok("https://x.example/note/v1.2.0".to_owned()));
    }
}
