//! Codes and refresh tokens.

use rusqlite::Connection;

use super::{Sqlite, json};
use crate::storage::row;
use crate::storage::{Approval, Approvals, Exchange, Exchanged, Grant, Reply, Stamp, StorageError};

impl Approvals for Sqlite {
    fn create_code(&self, approval: Approval, now: i64) -> Reply<'_, ()> {
        self.write(move |db| create(db, &approval, now))
    }

    fn exchange(&self, exchange: Exchange, stamp: Option<Stamp>) -> Reply<'_, Option<Exchanged>> {
        self.write_signed(stamp, move |db| exchange_code(db, exchange))
    }
}

fn create(db: &Connection, approval: &Approval, now: i64) -> Result<(), StorageError> {
    db.execute("DELETE FROM codes WHERE expires_at <= ?1", [now])?;
    let grant = &approval.grant;
    db.execute(
        "INSERT INTO codes (code, app, redirect_uri, scopes, post_types, profile_info_types, notification_url, expires_at)
         VALUES (?1, (SELECT key FROM apps WHERE entity_id = ?2 AND id = ?3), ?4, ?5, ?6, ?7, ?8, ?9)",
        (
            approval.code,
            approval.account.0,
            approval.app.as_str(),
            &approval.redirect_uri,
            json::write(&grant.scopes)?,
            json::write(&grant.post_types)?,
            json::write(&grant.profile_info_types)?,
            &grant.notification_url,
            approval.expires_at,
        ),
    )?;
    Ok(())
}

fn exchange_code(db: &Connection, exchange: Exchange) -> Result<Option<Exchanged>, StorageError> {
    match take_code(db, &exchange)? {
        Some((app, grant)) => authorize(db, app, &grant, exchange).map(Some),
        None => match refresh(db, &exchange)? {
            Some(refreshed) => Ok(Some(refreshed)),
            None => revoke(db, &exchange).map(|()| None),
        },
    }
}

/// Uses the code up, if it is one: its app and what was granted.
fn take_code(db: &Connection, exchange: &Exchange) -> Result<Option<(i64, Grant)>, StorageError> {
    let mut query = db.prepare_cached(
        "DELETE FROM codes WHERE code = ?1 AND expires_at > ?2 AND (?3 IS NULL OR redirect_uri = ?3)
             AND app = (SELECT key FROM apps WHERE entity_id = ?4 AND id = ?5)
         RETURNING *",
    )?;
    let mut rows = query.query((
        exchange.code,
        exchange.now,
        &exchange.redirect_uri,
        exchange.account.0,
        exchange.app.as_str(),
    ))?;
    let Some(row) = rows.next()? else {
        return Ok(None);
    };
    Ok(Some((row.get("app")?, Grant::read(row)?)))
}

fn authorize(
    db: &Connection,
    app: i64,
    grant: &Grant,
    exchange: Exchange,
) -> Result<Exchanged, StorageError> {
    db.execute(
        "INSERT INTO authorizations (app, id, scopes, post_types, profile_info_types, notification_url,
             mac_key_id, mac_key, mac_algorithm, refresh_token, created_at, expires_at, code)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
        (
            app,
            exchange.id.as_str(),
            json::write(&grant.scopes)?,
            json::write(&grant.post_types)?,
            json::write(&grant.profile_info_types)?,
            &grant.notification_url,
            exchange.credentials.id(),
            exchange.credentials.key().expose(),
            exchange.credentials.algorithm().as_str(),
            exchange.next_refresh_token,
            exchange.now,
            exchange.expires_at,
            exchange.code,
        ),
    )?;
    Ok(Exchanged {
        credentials: exchange.credentials,
        expires_at: exchange.expires_at,
    })
}

/// Rotates the refresh token, and that alone: id and key stay.
fn refresh(db: &Connection, exchange: &Exchange) -> Result<Option<Exchanged>, StorageError> {
    let mut query = db.prepare_cached(
        "UPDATE authorizations SET refresh_token = ?2, expires_at = coalesce(?3, expires_at)
         WHERE refresh_token = ?1 AND (expires_at IS NULL OR expires_at > ?4)
             AND app = (SELECT key FROM apps WHERE entity_id = ?5 AND id = ?6)
         RETURNING mac_key_id, mac_key, mac_algorithm, expires_at",
    )?;
    let mut rows = query.query((
        exchange.code,
        exchange.next_refresh_token,
        exchange.expires_at,
        exchange.now,
        exchange.account.0,
        exchange.app.as_str(),
    ))?;
    let Some(row) = rows.next()? else {
        return Ok(None);
    };
    Ok(Some(Exchanged {
        credentials: row::credentials(row)?,
        expires_at: row.get("expires_at")?,
    }))
}

/// Ends the authorization of a code that comes a second time: somebody else knows it (RFC 6749 §4.1.2).
fn revoke(db: &Connection, exchange: &Exchange) -> Result<(), StorageError> {
    db.prepare_cached(
        "DELETE FROM authorizations
         WHERE code = ?1 AND app = (SELECT key FROM apps WHERE entity_id = ?2 AND id = ?3)",
    )?
    .execute((exchange.code, exchange.account.0, exchange.app.as_str()))?;
    Ok(())
}
