//! Profiles.

use rusqlite::{Connection, OptionalExtension};

use super::{Sqlite, json, posts};
use crate::storage::{
    AccountKey, NewPost, Profiles, Reply, Section, SectionChange, Stamp, StorageError,
};

impl Profiles for Sqlite {
    fn sections(&self, account: AccountKey) -> Reply<'_, Vec<Section>> {
        self.read(move |db| current(db, account))
    }

    fn section_version(
        &self,
        account: AccountKey,
        base: String,
        version: u32,
    ) -> Reply<'_, Option<Section>> {
        self.read(move |db| {
            let Some(audience) = newest(db, account, &base)?.map(|newest| newest.audience) else {
                return Ok(None);
            };
            let found = one(db, account, &base, Some(version))?;
            Ok(found.map(|found| Section { audience, ..found }))
        })
    }

    fn change_section(
        &self,
        account: AccountKey,
        change: SectionChange,
        notice: NewPost,
        now: i64,
        stamp: Option<Stamp>,
    ) -> Reply<'_, ()> {
        self.write_signed(stamp, move |db| {
            let newest = newest(db, account, change.section_type.base())?;
            let section = change.next_to(newest);
            put_section(db, account, &section, now)?;
            let audience = section.audience;
            posts::create(db, account, &NewPost { audience, ..notice }).map(drop)
        })
    }

    fn delete_section(
        &self,
        account: AccountKey,
        base: String,
        version: Option<u32>,
        stamp: Option<Stamp>,
    ) -> Reply<'_, bool> {
        self.write_signed(stamp, move |db| {
            let deleted = db
                .prepare_cached(
                    "DELETE FROM profile_sections
                     WHERE entity_id = ?1 AND type_base = ?2 AND version = coalesce(?3, version)",
                )?
                .execute((account.0, base, version))?;
            Ok(deleted > 0)
        })
    }
}

fn current(db: &Connection, account: AccountKey) -> Result<Vec<Section>, StorageError> {
    // SQLite takes the other columns from the row that has the greatest version.
    let mut query = db.prepare_cached(
        "SELECT type, MAX(version) AS version, public, content, entities, groups
         FROM profile_sections WHERE entity_id = ?1 GROUP BY type_base ORDER BY type_base",
    )?;
    let mut rows = query.query([account.0])?;
    let mut sections = Vec::new();
    while let Some(row) = rows.next()? {
        sections.push(Section::read(row)?);
    }
    Ok(sections)
}

fn newest(
    db: &Connection,
    account: AccountKey,
    base: &str,
) -> Result<Option<Section>, StorageError> {
    one(db, account, base, None)
}

/// This version of a section, or else its newest.
fn one(
    db: &Connection,
    account: AccountKey,
    base: &str,
    version: Option<u32>,
) -> Result<Option<Section>, StorageError> {
    let mut query = db.prepare_cached(
        "SELECT type, version, public, content, entities, groups FROM profile_sections
         WHERE entity_id = ?1 AND type_base = ?2 AND version = coalesce(?3, version)
         ORDER BY version DESC LIMIT 1",
    )?;
    let found = query.query_row((account.0, base, version), |row| Ok(Section::read(row)));
    found.optional()?.transpose()
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
        audience,
        content,
    } = section;
    db.execute(
        "INSERT INTO profile_sections (entity_id, type_base, version, type, public, content, updated_at, entities, groups)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        (
            account.0,
            section_type.base(),
            version,
            section_type.as_str(),
            audience.public,
            content,
            now,
            json::write(&audience.entities)?,
            json::write(&audience.groups)?,
        ),
    )?;
    Ok(())
}
