//! Entities and their browsers.

use rusqlite::{Connection, OptionalExtension};
use tent_proto::Entity;

use super::{Sqlite, profiles, removal};
use crate::session;
use crate::storage::row;
use crate::storage::{Account, AccountKey, Accounts, Browser, NewAccount, Reply, StorageError};

impl Accounts for Sqlite {
    fn account(&self) -> Reply<'_, Option<Account>> {
        self.read(|db| find(db, None))
    }

    fn account_of(&self, entity: Entity) -> Reply<'_, Option<Account>> {
        self.read(move |db| find(db, Some(&entity)))
    }

    fn entities(&self) -> Reply<'_, Vec<Entity>> {
        self.read(entities)
    }

    fn create_account(&self, account: NewAccount) -> Reply<'_, Account> {
        self.write(move |db| create(db, account))
    }

    fn passphrase(&self, account: AccountKey) -> Reply<'_, String> {
        self.read(move |db| {
            let mut query = db.prepare_cached("SELECT passphrase FROM entities WHERE id = ?1")?;
            Ok(query.query_row([account.0], |row| row.get(0))?)
        })
    }

    fn change_passphrase(&self, account: AccountKey, hash: String) -> Reply<'_, ()> {
        self.write(move |db| {
            db.execute(
                "UPDATE entities SET passphrase = ?2 WHERE id = ?1",
                (account.0, hash),
            )?;
            end_sessions(db, account)
        })
    }

    fn remove_account(&self, entity: Entity) -> Reply<'_, bool> {
        self.write(move |db| removal::begin(db, &entity))
    }

    fn go_on_removing(&self) -> Reply<'static, bool> {
        self.write(removal::go_on)
    }

    fn create_session(&self, account: AccountKey, id: [u8; 32], expires_at: i64) -> Reply<'_, ()> {
        self.write(move |db| insert_session(db, account, id, expires_at))
    }

    fn browser(&self, account: AccountKey, id: [u8; 32], now: i64) -> Reply<'_, Browser> {
        self.read(move |db| read_browser(db, account, id, now))
    }

    fn end_session(&self, account: AccountKey, id: [u8; 32], now: i64) -> Reply<'_, ()> {
        self.write(move |db| {
            db.execute(
                "UPDATE sessions SET expires_at = min(expires_at, ?3) WHERE id = ?1 AND entity_id = ?2",
                (id, account.0, now),
            )?;
            Ok(())
        })
    }

    fn end_sessions(&self, account: AccountKey) -> Reply<'_, ()> {
        self.write(move |db| end_sessions(db, account))
    }
}

/// The account of this entity, or the first one.
fn find(db: &Connection, entity: Option<&Entity>) -> Result<Option<Account>, StorageError> {
    let mut query = db.prepare_cached(
        "SELECT id, entity FROM entities
         WHERE (?1 IS NULL OR entity = ?1) AND id NOT IN (SELECT id FROM removed_entities)
         ORDER BY id LIMIT 1",
    )?;
    let found = query.query_row([entity.map(Entity::as_str)], |row| {
        Ok((row.get(0)?, row.get::<_, String>(1)?))
    });
    let Some((key, entity)) = found.optional()? else {
        return Ok(None);
    };
    Ok(Some(Account {
        key: AccountKey(key),
        entity: row::entity(entity)?,
    }))
}

fn entities(db: &Connection) -> Result<Vec<Entity>, StorageError> {
    let mut query = db.prepare_cached(
        "SELECT entity FROM entities WHERE id NOT IN (SELECT id FROM removed_entities) ORDER BY id",
    )?;
    let entities = query.query_map([], |row| row.get::<_, String>(0))?;
    entities.map(|entity| row::entity(entity?)).collect()
}

fn create(db: &Connection, account: NewAccount) -> Result<Account, StorageError> {
    db.execute(
        "INSERT INTO entities (id, entity, passphrase, created_at)
         SELECT coalesce(max(id), 0) + 1, ?1, ?2, ?3 FROM (SELECT id FROM entities UNION ALL SELECT id FROM removed_entities)",
        (account.entity.as_str(), &account.passphrase, account.now),
    )?;
    let key = AccountKey(db.last_insert_rowid());
    for section in &account.sections {
        profiles::put_section(db, key, section, account.now)?;
    }
    Ok(Account {
        key,
        entity: account.entity,
    })
}

fn insert_session(
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

fn end_sessions(db: &Connection, account: AccountKey) -> Result<(), StorageError> {
    db.execute("DELETE FROM sessions WHERE entity_id = ?1", [account.0])?;
    Ok(())
}

fn read_browser(
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
    Ok(Browser::of_session(expires_at, now))
}
