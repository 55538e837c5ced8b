//! What apps were granted.

use rusqlite::{Connection, Row};
use tent_proto::{AppId, AuthorizationId, Secret};

use super::apps::grant;
use super::json;
use crate::storage::{
    AccountKey, GrantChange, NewAuthorization, StorageError, StoredAuthorization,
};

/// The authorizations of an app, by its row, that have not ended.
pub(super) fn of(
    db: &Connection,
    app: i64,
    now: i64,
) -> Result<Vec<StoredAuthorization>, StorageError> {
    let mut query = db.prepare_cached(
        "SELECT * FROM authorizations WHERE app = ?1 AND (expires_at IS NULL OR expires_at > ?2) ORDER BY key",
    )?;
    let mut rows = query.query((app, now))?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        all.push(read(row)?);
    }
    Ok(all)
}

fn read(row: &Row<'_>) -> Result<StoredAuthorization, StorageError> {
    Ok(StoredAuthorization {
        id: row.get::<_, String>("id")?.into(),
        grant: grant(row)?,
        created_at: row.get("created_at")?,
        expires_at: row.get("expires_at")?,
        used_at: row.get("used_at")?,
        mac_key_id: row.get("mac_key_id")?,
        mac_key: Secret::new(row.get::<_, String>("mac_key")?),
    })
}

pub(super) fn create(
    db: &Connection,
    account: AccountKey,
    app: &AppId,
    new: &NewAuthorization,
) -> Result<Option<StoredAuthorization>, StorageError> {
    let mut query = db.prepare_cached(
        "INSERT INTO authorizations (app, id, scopes, post_types, profile_info_types, notification_url,
             mac_key_id, mac_key, refresh_token, created_at)
         SELECT key, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11 FROM apps WHERE entity_id = ?1 AND id = ?2
         ON CONFLICT DO NOTHING
         RETURNING *",
    )?;
    let mut rows = query.query((
        account.0,
        app.as_str(),
        new.id.as_str(),
        json::write(&new.grant.scopes)?,
        json::write(&new.grant.post_types)?,
        json::write(&new.grant.profile_info_types)?,
        &new.grant.notification_url,
        &new.mac_key_id,
        new.mac_key.expose(),
        new.refresh_token,
        new.now,
    ))?;
    rows.next()?.map(read).transpose()
}

pub(super) fn update(
    db: &Connection,
    account: AccountKey,
    app: &AppId,
    id: &AuthorizationId,
    change: &GrantChange,
) -> Result<Option<StoredAuthorization>, StorageError> {
    let types = |types: &Option<Vec<_>>| types.as_ref().map(json::write).transpose();
    let mut query = db.prepare_cached(
        "UPDATE authorizations SET scopes = coalesce(?4, scopes), post_types = coalesce(?5, post_types),
             profile_info_types = coalesce(?6, profile_info_types), notification_url = coalesce(?7, notification_url)
         WHERE id = ?3 AND app = (SELECT key FROM apps WHERE entity_id = ?1 AND id = ?2)
         RETURNING *",
    )?;
    let mut rows = query.query((
        account.0,
        app.as_str(),
        id.as_str(),
        change.scopes.as_ref().map(json::write).transpose()?,
        types(&change.post_types)?,
        types(&change.profile_info_types)?,
        &change.notification_url,
    ))?;
    rows.next()?.map(read).transpose()
}

pub(super) fn delete(
    db: &Connection,
    account: AccountKey,
    app: &AppId,
    id: &AuthorizationId,
) -> Result<bool, StorageError> {
    let deleted = db.execute(
        "DELETE FROM authorizations
         WHERE id = ?3 AND app = (SELECT key FROM apps WHERE entity_id = ?1 AND id = ?2)",
        (account.0, app.as_str(), id.as_str()),
    )?;
    Ok(deleted == 1)
}
