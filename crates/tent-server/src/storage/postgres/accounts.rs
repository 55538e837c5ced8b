//! Entities and their browsers.

use tent_proto::Entity;

use super::connection::Db;
use super::{Postgres, processes, profiles, removal};
use crate::session;
use crate::storage::row::{self, Row as _};
use crate::storage::{Account, AccountKey, Accounts, Browser, NewAccount, Reply, StorageError};

impl Accounts for Postgres {
    fn account(&self) -> Reply<'_, Option<Account>> {
        self.read((), |db, ()| {
            Box::pin(async move {
                let sql = "SELECT id, entity FROM entities WHERE NOT removed ORDER BY id LIMIT 1";
                db.row(sql, &[]).await?.map(account).transpose()
            })
        })
    }

    fn account_of(&self, entity: Entity) -> Reply<'_, Option<Account>> {
        self.read(entity, |db, entity| {
            Box::pin(async move {
                let sql = "SELECT id, entity FROM entities WHERE entity = $1";
                let row = db.row(sql, &[&entity.as_str()]).await?;
                row.map(account).transpose()
            })
        })
    }

    fn entities(&self) -> Reply<'_, Vec<Entity>> {
        self.read((), |db, ()| {
            Box::pin(async move {
                let rows = db
                    .rows(
                        "SELECT entity FROM entities WHERE NOT removed ORDER BY id",
                        &[],
                    )
                    .await?;
                let rows = rows.into_iter();
                rows.map(|row| row::entity(row.at(0)?)).collect()
            })
        })
    }

    fn create_account(&self, account: NewAccount) -> Reply<'_, Account> {
        self.write(account, |db, account| Box::pin(create(db, account)))
    }

    fn remove_account(&self, entity: Entity) -> Reply<'_, bool> {
        self.write(entity, |db, entity| Box::pin(removal::begin(db, entity)))
    }

    fn go_on_removing(&self) -> Reply<'static, bool> {
        self.write((), |db, ()| Box::pin(removal::go_on(db)))
    }

    fn passphrase(&self, account: AccountKey) -> Reply<'_, String> {
        self.read(account, |db, account| {
            Box::pin(async move {
                let sql = "SELECT passphrase FROM entities WHERE id = $1";
                db.one(sql, &[&account.0]).await
            })
        })
    }

    fn change_passphrase(&self, account: AccountKey, hash: String) -> Reply<'_, ()> {
        self.write((account, hash), |db, (account, hash)| {
            Box::pin(async move {
                let sql = "UPDATE entities SET passphrase = $2 WHERE id = $1";
                db.execute(sql, &[&account.0, hash]).await?;
                end_sessions(db, *account).await
            })
        })
    }

    fn create_session(&self, account: AccountKey, id: [u8; 32], expires_at: i64) -> Reply<'_, ()> {
        self.write(
            (account, id, expires_at),
            |db, (account, id, expires_at)| {
                Box::pin(async move {
                    let oldest =
                        expires_at.saturating_sub(session::SECONDS + session::KNOWN_SECONDS);
                    db.execute("DELETE FROM sessions WHERE expires_at < $1", &[&oldest])
                        .await?;
                    let sql =
                        "INSERT INTO sessions (id, entity_id, expires_at) VALUES ($1, $2, $3)";
                    db.execute(sql, &[&id.as_slice(), &account.0, expires_at])
                        .await?;
                    Ok(())
                })
            },
        )
    }

    fn browser(&self, account: AccountKey, id: [u8; 32], now: i64) -> Reply<'_, Browser> {
        self.read((account, id, now), |db, (account, id, now)| {
            Box::pin(async move {
                let sql = "SELECT expires_at FROM sessions WHERE id = $1 AND entity_id = $2";
                let row = db.row(sql, &[&id.as_slice(), &account.0]).await?;
                let expires_at = row.map(|row| row.at::<i64>(0)).transpose()?;
                Ok(Browser::of_session(expires_at, *now))
            })
        })
    }

    fn end_session(&self, account: AccountKey, id: [u8; 32], now: i64) -> Reply<'_, ()> {
        self.write((account, id, now), |db, (account, id, now)| {
            Box::pin(async move {
                db.execute(
                    "UPDATE sessions SET expires_at = least(expires_at, $3) WHERE id = $1 AND entity_id = $2",
                    &[&id.as_slice(), &account.0, now],
                )
                .await?;
                Ok(())
            })
        })
    }

    fn end_sessions(&self, account: AccountKey) -> Reply<'_, ()> {
        self.write(account, |db, account| Box::pin(end_sessions(db, *account)))
    }
}

fn account(row: tokio_postgres::Row) -> Result<Account, StorageError> {
    Ok(Account {
        key: AccountKey(row.at(0)?),
        entity: row::entity(row.at(1)?)?,
    })
}

/// The keys of entities that are gone are never given again: so does a sequence.
async fn create(db: &Db, account: &NewAccount) -> Result<Account, StorageError> {
    let sql =
        "INSERT INTO entities (entity, passphrase, created_at) VALUES ($1, $2, $3) RETURNING id";
    let entity = account.entity.as_str();
    let id = db
        .one(sql, &[&entity, &account.passphrase, &account.now])
        .await?;
    let key = AccountKey(id);
    for section in &account.sections {
        profiles::put_section(db, key, section, account.now).await?;
    }
    processes::note_change(db, &account.entity).await?;
    Ok(Account {
        key,
        entity: account.entity.clone(),
    })
}

async fn end_sessions(db: &Db, account: AccountKey) -> Result<(), StorageError> {
    db.execute("DELETE FROM sessions WHERE entity_id = $1", &[&account.0])
        .await?;
    Ok(())
}
