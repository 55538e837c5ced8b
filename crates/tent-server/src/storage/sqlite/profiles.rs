//! Profiles.

use rusqlite::Connection;
use tent_proto::TypeUri;

use super::Sqlite;
use crate::storage::{AccountKey, Profiles, Reply, Section, StorageError};

impl Profiles for Sqlite {
    fn sections(&self, account: AccountKey) -> Reply<'_, Vec<Section>> {
        self.read(move |db| current(db, account))
    }

    fn put_section(&self, account: AccountKey, section: Section, now: i64) -> Reply<'_, ()> {
        self.write(move |db| put_section(db, account, &section, now))
    }
}

fn current(db: &Connection, account: AccountKey) -> Result<Vec<Section>, StorageError> {
    // SQLite takes the other columns from the row that has the greatest version.
    let mut query = db.prepare_cached(
        "SELECT type, MAX(version), public, content FROM profile_sections
         WHERE entity_id = ?1 GROUP BY type_base ORDER BY type_base",
    )?;
    let rows = query.query_map([account.0], |row| {
        Ok(Section {
            section_type: TypeUri::from(row.get::<_, String>(0)?),
            version: row.get(1)?,
            public: row.get(2)?,
            content: row.get(3)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(super) fn put_section(
    db: &Connection,
    account: AccountKey,
    section: &Section,
    now: i64,
) -> Result<(), StorageError> {
    let Section {
        section_type,
        version,
        public,
        content,
    } = section;
    db.execute(
        "INSERT INTO profile_sections (entity_id, type_base, version, type, public, content, updated_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        (account.0, section_type.base(), version, section_type.as_str(), public, content, now),
    )?;
    Ok(())
}
