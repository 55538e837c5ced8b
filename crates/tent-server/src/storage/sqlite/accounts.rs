//! Entities, their profiles, their browsers.

use rusqlite::{Connection, OptionalExtension};
use tent_proto::{Entity, TypeUri};

use crate::session;
use crate::storage::{Account, AccountKey, Browser, NewAccount, Section, StorageError};

pub(super) fn first(db: &Connection) -> Result<Option<Account>, StorageError> {
    let mut query =
        db.prepare_cached("SELECT id, entity, passphrase FROM entities ORDER BY id LIMIT 1")?;
    let row = query.query_row([], |row| {
        Ok((row.get(0)?, row.get::<_, String>(1)?, row.get(2)?))
    });
    let Some((key, entity, passphrase)) = row.optional()? else {
        return Ok(None);
    };
    Ok(Some(Account {
        key: AccountKey(key),
        entity: stored_entity(entity)?,
        passphrase,
    }))
}

/// An entity with its text as it is stored.
pub(super) fn stored_entity(text: String) -> Result<Entity, StorageError> {
    Ok(serde_json::from_value(text.into())?)
}

pub(super) fn create(db: &Connection, account: NewAccount) -> Result<Account, StorageError> {
    db.execute(
        "INSERT INTO entities (entity, passphrase, created_at) VALUES (?1, ?2, ?3)",
        (account.entity.as_str(), &account.passphrase, account.now),
    )?;
    let key = AccountKey(db.last_insert_rowid());
    for section in &account.sections {
        put_section(db, key, section, account.now)?;
    }
    Ok(Account {
        key,
        entity: account.entity,
        passphrase: account.passphrase,
    })
}

pub(super) fn sections(db: &Connection, account: AccountKey) -> Result<Vec<Section>, StorageError> {
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

pub(super) fn create_session(
    db: &Connection,
    account: AccountKey,
    id: [u8; 32],
    expires_at: i64,
) -> Result<(), StorageError> {
    db.execute(
        "DELETE FROM sessions WHERE expires_at < ?1",
        [expires_at.saturating_sub(session::SECONDS + session::KNOWN_SECONDS)],
    )?;
    db.execute(
        "INSERT INTO sessions (id, entity_id, expires_at) VALUES (?1, ?2, ?3)",
        (id, account.0, expires_at),
    )?;
    Ok(())
}

pub(super) fn browser(
    db: &Connection,
    account: AccountKey,
    id: [u8; 32],
    now: i64,
) -> Result<Browser, StorageError> {
    let mut query =
        db.prepare_cached("SELECT expires_at FROM sessions WHERE id = ?1 AND entity_id = ?2")?;
    let expires_at: Option<i64> = query
        .query_row((id, account.0), |row| row.get(0))
        .optional()?;
    Ok(match expires_at {
        Some(expires_at) if now < expires_at => Browser::SignedIn,
        Some(_) => Browser::Known,
        None => Browser::Unknown,
    })
}
