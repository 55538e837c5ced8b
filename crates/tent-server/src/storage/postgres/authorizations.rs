//! What apps were granted.

use tent_proto::{AppId, AuthorizationId, Scope};

use super::connection::{Db, json, json_of};
use crate::storage::row::Row as _;
use crate::storage::{
    AccountKey, GrantChange, NewAuthorization, StorageError, StoredAuthorization,
};

const COLUMNS: &str = "id, scopes, post_types, profile_info_types, notification_url,
    created_at, expires_at, used_at, mac_key_id, mac_key, mac_algorithm";

/// The authorizations of apps, by their rows, that have not ended.
pub(super) async fn of(
    db: &Db,
    apps: &[i64],
    now: i64,
) -> Result<Vec<(i64, StoredAuthorization)>, StorageError> {
    let sql = format!(
        "SELECT {COLUMNS}, app FROM authorizations
         WHERE app = ANY($1) AND (expires_at IS NULL OR expires_at > $2) ORDER BY key"
    );
    let rows = db.rows(&sql, &[&apps, &now]).await?;
    rows.iter()
        .map(|row| Ok((row.column("app")?, StoredAuthorization::read(row)?)))
        .collect()
}

pub(super) async fn create(
    db: &Db,
    account: AccountKey,
    app: &AppId,
    new: &NewAuthorization,
) -> Result<Option<StoredAuthorization>, StorageError> {
    let sql = format!(
        "INSERT INTO authorizations (app, id, scopes, post_types, profile_info_types, notification_url,
             follow_url, mac_key_id, mac_key, mac_algorithm, refresh_token, created_at)
         SELECT key, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13 FROM apps WHERE entity_id = $1 AND id = $2
         ON CONFLICT DO NOTHING
         RETURNING {COLUMNS}"
    );
    let row = db
        .row(
            &sql,
            &[
                &account.0,
                &app.as_str(),
                &new.id.as_str(),
                &json(&new.grant.scopes)?,
                &json(&new.grant.post_types)?,
                &json(&new.grant.profile_info_types)?,
                &new.grant.notification_url,
                &new.follow_url,
                &new.credentials.id(),
                &new.credentials.key().expose(),
                &new.credentials.algorithm().as_str(),
                &new.refresh_token.as_slice(),
                &new.now,
            ],
        )
        .await?;
    row.as_ref().map(StoredAuthorization::read).transpose()
}

pub(super) async fn update(
    db: &Db,
    account: AccountKey,
    app: &AppId,
    id: &AuthorizationId,
    change: &GrantChange,
) -> Result<Option<StoredAuthorization>, StorageError> {
    let sql = format!(
        "UPDATE authorizations SET scopes = coalesce($4, scopes), post_types = coalesce($5, post_types),
             profile_info_types = coalesce($6, profile_info_types), notification_url = coalesce($7, notification_url),
             follow_url = coalesce($8, follow_url)
         WHERE id = $3 AND app = (SELECT key FROM apps WHERE entity_id = $1 AND id = $2)
         RETURNING {COLUMNS}"
    );
    let row = db
        .row(
            &sql,
            &[
                &account.0,
                &app.as_str(),
                &id.as_str(),
                &json_of(change.scopes.as_ref())?,
                &json_of(change.post_types.as_ref())?,
                &json_of(change.profile_info_types.as_ref())?,
                &change.notification_url,
                &change.follow_url,
            ],
        )
        .await?;
    row.as_ref().map(StoredAuthorization::read).transpose()
}

/// Where to take somebody who is to be followed. Apps are few, and their scopes are JSON.
pub(super) async fn follow_url(
    db: &Db,
    account: AccountKey,
    now: i64,
) -> Result<Option<String>, StorageError> {
    let rows = db
        .rows(
            "SELECT follow_url, a.scopes FROM authorizations AS a JOIN apps ON apps.key = a.app
         WHERE entity_id = $1 AND follow_url IS NOT NULL AND (expires_at IS NULL OR expires_at > $2)
         ORDER BY a.key DESC",
            &[&account.0, &now],
        )
        .await?;
    for row in rows {
        if row.json::<Vec<Scope>>("scopes")?.contains(&Scope::FollowUi) {
            return row.column("follow_url");
        }
    }
    Ok(None)
}

pub(super) async fn delete(
    db: &Db,
    account: AccountKey,
    app: &AppId,
    id: &AuthorizationId,
) -> Result<bool, StorageError> {
    let deleted = db
        .execute(
            "DELETE FROM authorizations
         WHERE id = $3 AND app = (SELECT key FROM apps WHERE entity_id = $1 AND id = $2)",
            &[&account.0, &app.as_str(), &id.as_str()],
        )
        .await?;
    Ok(deleted == 1)
}
