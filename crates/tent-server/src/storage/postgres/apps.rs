//! Apps, and what they were granted.

use std::collections::HashMap;
use std::sync::Arc;

use tent_proto::mac::Credentials;
use tent_proto::{AppId, AuthorizationId};

use super::connection::{Db, json, json_of};
use super::{Postgres, authorizations, holders};
use crate::storage::app::{PENDING, PENDING_SECONDS};
use crate::storage::row::Row as _;
use crate::storage::{
    AccountKey, AppChange, Apps, GrantChange, Holder, NewAuthorization, Registration, Reply, Stamp,
    StorageError, StoredAuthorization,
};

impl Apps for Postgres {
    fn create_app(
        &self,
        account: AccountKey,
        app: Registration,
        stamp: Option<Stamp>,
    ) -> Reply<'_, bool> {
        self.write_signed(account, stamp, (account, app), |db, (account, app)| {
            Box::pin(create(db, *account, app))
        })
    }

    fn app(&self, account: AccountKey, id: AppId, now: i64) -> Reply<'_, Option<Registration>> {
        self.read((account, id, now), |db, (account, id, now)| {
            Box::pin(async move { Ok(read(db, *account, Some(id), *now).await?.pop()) })
        })
    }

    fn apps(&self, account: AccountKey, now: i64) -> Reply<'_, Vec<Registration>> {
        self.read((account, now), |db, (account, now)| {
            Box::pin(read(db, *account, None, *now))
        })
    }

    fn update_app(
        &self,
        account: AccountKey,
        id: AppId,
        change: AppChange,
        stamp: Option<Stamp>,
    ) -> Reply<'_, bool> {
        let with = (account, id, change);
        self.write_signed(account, stamp, with, |db, (account, id, change)| {
            Box::pin(update(db, *account, id, change))
        })
    }

    fn delete_app(&self, account: AccountKey, id: AppId, stamp: Option<Stamp>) -> Reply<'_, bool> {
        self.write_signed(account, stamp, (account, id), |db, (account, id)| {
            Box::pin(async move {
                let sql = "DELETE FROM apps WHERE entity_id = $1 AND id = $2";
                Ok(db.execute(sql, &[&account.0, &id.as_str()]).await? == 1)
            })
        })
    }

    fn create_authorization(
        &self,
        account: AccountKey,
        app: AppId,
        authorization: NewAuthorization,
        stamp: Option<Stamp>,
    ) -> Reply<'_, Option<StoredAuthorization>> {
        let with = (account, app, authorization);
        self.write_signed(account, stamp, with, |db, (account, app, new)| {
            Box::pin(authorizations::create(db, *account, app, new))
        })
    }

    fn update_authorization(
        &self,
        account: AccountKey,
        app: AppId,
        id: AuthorizationId,
        change: GrantChange,
        stamp: Option<Stamp>,
    ) -> Reply<'_, Option<StoredAuthorization>> {
        let with = (account, app, id, change);
        self.write_signed(account, stamp, with, |db, (account, app, id, change)| {
            Box::pin(authorizations::update(db, *account, app, id, change))
        })
    }

    fn delete_authorization(
        &self,
        account: AccountKey,
        app: AppId,
        id: AuthorizationId,
        stamp: Option<Stamp>,
    ) -> Reply<'_, bool> {
        let with = (account, app, id);
        self.write_signed(account, stamp, with, |db, (account, app, id)| {
            Box::pin(authorizations::delete(db, *account, app, id))
        })
    }

    fn follow_url(&self, account: AccountKey, now: i64) -> Reply<'_, Option<String>> {
        self.read((account, now), |db, (account, now)| {
            Box::pin(authorizations::follow_url(db, *account, *now))
        })
    }

    fn use_authorization(&self, account: AccountKey, mac_id: String, now: i64) -> Reply<'_, ()> {
        self.write((account, mac_id, now), |db, (account, mac_id, now)| {
            Box::pin(async move {
                db.execute(
                    "UPDATE authorizations SET used_at = $3
                     WHERE mac_key_id = $1 AND app IN (SELECT key FROM apps WHERE entity_id = $2)",
                    &[mac_id, &account.0, now],
                )
                .await?;
                Ok(())
            })
        })
    }

    fn holder(
        &self,
        account: AccountKey,
        mac_id: String,
        now: i64,
    ) -> Reply<'_, Option<Arc<Holder>>> {
        Box::pin(async move {
            let found = holders::ask(self, account, mac_id).await?;
            Ok(found.filter(|holder| holder.is_valid_at(now)))
        })
    }
}

/// Stores an app. Of those without an approval, the ones that waited too long go, and the oldest make
/// room.
async fn create(db: &Db, account: AccountKey, app: &Registration) -> Result<bool, StorageError> {
    if !insert(db, account, app).await? {
        return Ok(false);
    }
    db.execute(
        "WITH pending AS (
             SELECT key, created_at FROM apps WHERE entity_id = $1
                 AND NOT EXISTS (SELECT 1 FROM authorizations WHERE app = apps.key)
                 AND NOT EXISTS (SELECT 1 FROM codes WHERE app = apps.key))
         DELETE FROM apps WHERE key IN (SELECT key FROM pending WHERE created_at < $3)
             OR key IN (SELECT key FROM pending ORDER BY key DESC OFFSET $2)",
        &[
            &account.0,
            &i64::from(PENDING),
            &(app.created_at - PENDING_SECONDS),
        ],
    )
    .await?;
    Ok(true)
}

async fn insert(db: &Db, account: AccountKey, app: &Registration) -> Result<bool, StorageError> {
    let inserted = db
        .execute(
            "INSERT INTO apps (entity_id, id, name, description, url, icon, redirect_uris, scopes,
             mac_key_id, mac_key, mac_algorithm, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
         ON CONFLICT DO NOTHING",
            &[
                &account.0,
                &app.id.as_str(),
                &app.name,
                &app.description,
                &app.url,
                &app.icon,
                &json(&app.redirect_uris)?,
                &json(&app.scopes)?,
                &app.credentials.id(),
                &app.credentials.key().expose(),
                &app.credentials.algorithm().as_str(),
                &app.created_at,
            ],
        )
        .await?;
    Ok(inserted == 1)
}

/// The app of this id, or all of them, with their authorizations.
async fn read(
    db: &Db,
    account: AccountKey,
    id: Option<&AppId>,
    now: i64,
) -> Result<Vec<Registration>, StorageError> {
    let rows = db
        .rows(
            "SELECT key, id, name, description, url, icon, redirect_uris, scopes,
             mac_key_id, mac_key, mac_algorithm, created_at
         FROM apps WHERE entity_id = $1 AND ($2::TEXT IS NULL OR id = $2) ORDER BY key DESC",
            &[&account.0, &id.map(AppId::as_str)],
        )
        .await?;
    let keys = rows.iter().map(|row| row.column("key"));
    let keys: Vec<i64> = keys.collect::<Result<_, _>>()?;
    let mut authorizations: HashMap<i64, Vec<_>> = HashMap::new();
    for (app, authorization) in authorizations::of(db, &keys, now).await? {
        authorizations.entry(app).or_default().push(authorization);
    }
    let apps = keys.iter().zip(&rows).map(|(key, row)| {
        let authorizations = authorizations.remove(key).unwrap_or_default();
        Registration::read(row, authorizations)
    });
    apps.collect()
}

async fn update(
    db: &Db,
    account: AccountKey,
    id: &AppId,
    change: &AppChange,
) -> Result<bool, StorageError> {
    let credentials = change.credentials.as_ref();
    let changed = db.execute(
        "UPDATE apps SET name = coalesce($3, name), description = coalesce($4, description), url = coalesce($5, url),
             icon = coalesce($6, icon), redirect_uris = coalesce($7, redirect_uris), scopes = coalesce($8, scopes),
             mac_key_id = coalesce($9, mac_key_id), mac_key = coalesce($10, mac_key),
             mac_algorithm = coalesce($11, mac_algorithm)
         WHERE entity_id = $1 AND id = $2
             AND NOT EXISTS (SELECT 1 FROM apps AS other WHERE other.mac_key_id = $9 AND other.key <> apps.key)",
        &[
            &account.0,
            &id.as_str(),
            &change.name,
            &change.description,
            &change.url,
            &change.icon,
            &json_of(change.redirect_uris.as_ref())?,
            &json_of(change.scopes.as_ref())?,
            &credentials.map(Credentials::id),
            &credentials.map(|credentials| credentials.key().expose()),
            &credentials.map(|credentials| credentials.algorithm().as_str()),
        ],
    ).await?;
    Ok(changed == 1)
}
