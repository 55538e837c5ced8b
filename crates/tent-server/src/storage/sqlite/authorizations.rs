//! What apps were granted.

use rusqlite::{Connection, OptionalExtension};
use tent_proto::{AppId, AuthorizationId, Scope};

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
        all.push(StoredAuthorization::read(row)?);
    }
    Ok(all)
}

pub(super) fn create(
    db: &Connection,
    account: AccountKey,
    app: &AppId,
    new: &NewAuthorization,
) -> Result<Option<StoredAuthorization>, StorageError> {
    let mut query = db.prepare_cached(
        "INSERT INTO authorizations (app, id, scopes, post_types, profile_info_types, notification_url,
             follow_url, mac_key_id, mac_key, mac_algorithm, refresh_token, created_at)
         SELECT key, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13 FROM apps WHERE entity_id = ?1 AND id = ?2
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
        &new.follow_url,
        new.credentials.id(),
        new.credentials.key().expose(),
        new.credentials.algorithm().as_str(),
        new.refresh_token,
        new.now,
    ))?;
    rows.next()?.map(StoredAuthorization::read).transpose()
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
             profile_info_types = coalesce(?6, profile_info_types), notification_url = coalesce(?7, notification_url),
             follow_url = coalesce(?8, follow_url)
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
        &change.follow_url,
    ))?;
    rows.next()?.map(StoredAuthorization::read).transpose()
}

/// Where to take somebody who is to be followed.
pub(super) fn follow_url(
    db: &Connection,
    account: AccountKey,
    now: i64,
) -> Result<Option<String>, StorageError> {
    let mut query = db.prepare_cached(
        "SELECT follow_url FROM authorizations AS a JOIN apps ON apps.key = a.app
         WHERE entity_id = ?1 AND follow_url IS NOT NULL AND (expires_at IS NULL OR expires_at > ?2)
             AND EXISTS (SELECT 1 FROM json_each(a.scopes) WHERE value = ?3)
         ORDER BY a.key DESC LIMIT 1",
    )?;
    let found = query.query_row((account.0, now, Scope::FollowUi.as_str()), |row| row.get(0));
    Ok(found.optional()?)
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
