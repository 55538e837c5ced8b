//! Codes and refresh tokens.

use super::Postgres;
use super::connection::{Db, json};
use crate::storage::row::{self, Row as _};
use crate::storage::{Approval, Approvals, Exchange, Exchanged, Grant, Reply, Stamp, StorageError};

impl Approvals for Postgres {
    fn create_code(&self, approval: Approval, now: i64) -> Reply<'_, ()> {
        self.write((approval, now), |db, (approval, now)| {
            Box::pin(create(db, approval, *now))
        })
    }

    fn exchange(&self, exchange: Exchange, stamp: Option<Stamp>) -> Reply<'_, Option<Exchanged>> {
        self.write_signed(exchange.account, stamp, exchange, |db, exchange| {
            Box::pin(exchange_code(db, exchange))
        })
    }
}

async fn create(db: &Db, approval: &Approval, now: i64) -> Result<(), StorageError> {
    db.execute("DELETE FROM codes WHERE expires_at <= $1", &[&now])
        .await?;
    let grant = &approval.grant;
    db.execute(
        "INSERT INTO codes (code, app, redirect_uri, scopes, post_types, profile_info_types, notification_url, expires_at)
         VALUES ($1, (SELECT key FROM apps WHERE entity_id = $2 AND id = $3), $4, $5, $6, $7, $8, $9)",
        &[
            &approval.code.as_slice(),
            &approval.account.0,
            &approval.app.as_str(),
            &approval.redirect_uri,
            &json(&grant.scopes)?,
            &json(&grant.post_types)?,
            &json(&grant.profile_info_types)?,
            &grant.notification_url,
            &approval.expires_at,
        ],
    )
    .await?;
    Ok(())
}

async fn exchange_code(db: &Db, exchange: &Exchange) -> Result<Option<Exchanged>, StorageError> {
    if let Some((app, grant)) = take_code(db, exchange).await? {
        return authorize(db, app, &grant, exchange).await.map(Some);
    }
    let refreshed = refresh(db, exchange).await?;
    if refreshed.is_none() {
        revoke(db, exchange).await?;
    }
    Ok(refreshed)
}

/// Uses the code up, if it is one: its app and what was granted.
async fn take_code(db: &Db, exchange: &Exchange) -> Result<Option<(i64, Grant)>, StorageError> {
    let row = db.row(
        "DELETE FROM codes WHERE code = $1 AND expires_at > $2 AND ($3::TEXT IS NULL OR redirect_uri = $3)
             AND app = (SELECT key FROM apps WHERE entity_id = $4 AND id = $5)
         RETURNING app, scopes, post_types, profile_info_types, notification_url",
        &[
            &exchange.code.as_slice(),
            &exchange.now,
            &exchange.redirect_uri,
            &exchange.account.0,
            &exchange.app.as_str(),
        ],
    ).await?;
    row.map(|row| Ok((row.column("app")?, Grant::read(&row)?)))
        .transpose()
}

async fn authorize(
    db: &Db,
    app: i64,
    grant: &Grant,
    exchange: &Exchange,
) -> Result<Exchanged, StorageError> {
    let credentials = &exchange.credentials;
    db.execute(
        "INSERT INTO authorizations (app, id, scopes, post_types, profile_info_types, notification_url,
             mac_key_id, mac_key, mac_algorithm, refresh_token, created_at, expires_at, code)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        &[
            &app,
            &exchange.id.as_str(),
            &json(&grant.scopes)?,
            &json(&grant.post_types)?,
            &json(&grant.profile_info_types)?,
            &grant.notification_url,
            &credentials.id(),
            &credentials.key().expose(),
            &credentials.algorithm().as_str(),
            &exchange.next_refresh_token.as_slice(),
            &exchange.now,
            &exchange.expires_at,
            &exchange.code.as_slice(),
        ],
    )
    .await?;
    Ok(Exchanged {
        credentials: credentials.clone(),
        expires_at: exchange.expires_at,
    })
}

/// Rotates the refresh token, and that alone: id and key stay.
async fn refresh(db: &Db, exchange: &Exchange) -> Result<Option<Exchanged>, StorageError> {
    let row = db
        .row(
            "UPDATE authorizations SET refresh_token = $2, expires_at = coalesce($3, expires_at)
         WHERE refresh_token = $1 AND (expires_at IS NULL OR expires_at > $4)
             AND app = (SELECT key FROM apps WHERE entity_id = $5 AND id = $6)
         RETURNING mac_key_id, mac_key, mac_algorithm, expires_at",
            &[
                &exchange.code.as_slice(),
                &exchange.next_refresh_token.as_slice(),
                &exchange.expires_at,
                &exchange.now,
                &exchange.account.0,
                &exchange.app.as_str(),
            ],
        )
        .await?;
    let Some(row) = row else {
        return Ok(None);
    };
    Ok(Some(Exchanged {
        credentials: row::credentials(&row)?,
        expires_at: row.column("expires_at")?,
    }))
}

/// Ends the authorization of a code that comes a second time: somebody else knows it (RFC 6749 §4.1.2).
async fn revoke(db: &Db, exchange: &Exchange) -> Result<(), StorageError> {
    db.execute(
        "DELETE FROM authorizations
         WHERE code = $1 AND app = (SELECT key FROM apps WHERE entity_id = $2 AND id = $3)",
        &[
            &exchange.code.as_slice(),
            &exchange.account.0,
            &exchange.app.as_str(),
        ],
    )
    .await?;
    Ok(())
}
