//! Apps, what they were granted, and whose a credential is.

use std::collections::HashMap;
use std::sync::Arc;

use tent_proto::mac::Credentials;
use tent_proto::{AppId, AuthorizationId};

use super::connection::{Db, json, json_of};
use super::{Postgres, authorizations, relations};
use crate::storage::app::{PENDING, PENDING_SECONDS};
use crate::storage::row::{self, Row as _};
use crate::storage::{
    AccountKey, AppChange, Apps, Grant, GrantChange, Holder, NewAuthorization, Registration, Reply,
    Stamp, StorageError, StoredAuthorization,
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
        self.read((account, mac_id, now), |db, (account, mac_id, now)| {
            Box::pin(async move {
                let found = holder(db, *account, mac_id).await?;
                Ok(found
                    .filter(|holder| holder.is_valid_at(*now))
                    .map(Arc::new))
            })
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

async fn holder(
    db: &Db,
    account: AccountKey,
    mac_id: &str,
) -> Result<Option<Holder>, StorageError> {
    // The first letter of what this server gives says where to look (docs/protocol.md §3.3). Others
    // give what they like.
    let own = match mac_id.as_bytes().first() {
        Some(b'a') => app_holder(db, account, mac_id).await?,
        Some(b's') => None,
        _ => owner_holder(db, account, mac_id).await?,
    };
    match own {
        Some(own) => Ok(Some(own)),
        None => relations::holder(db, account, mac_id).await,
    }
}

async fn app_holder(
    db: &Db,
    account: AccountKey,
    mac_id: &str,
) -> Result<Option<Holder>, StorageError> {
    let sql = "SELECT id, mac_key_id, mac_key, mac_algorithm FROM apps WHERE mac_key_id = $1 AND entity_id = $2";
    let Some(row) = db.row(sql, &[&mac_id, &account.0]).await? else {
        return Ok(None);
    };
    Ok(Some(Holder::App {
        credentials: row::credentials(&row)?,
        app: row.column::<String>("id")?.into(),
    }))
}

async fn owner_holder(
    db: &Db,
    account: AccountKey,
    mac_id: &str,
) -> Result<Option<Holder>, StorageError> {
    let row = db.row(
        "SELECT a.mac_key_id, a.mac_key, a.mac_algorithm, a.scopes, a.post_types, a.profile_info_types, a.notification_url,
                a.used_at, a.expires_at,
                p.name AS app_name, p.url AS app_url
         FROM authorizations a JOIN apps p ON p.key = a.app
         WHERE a.mac_key_id = $1 AND p.entity_id = $2",
        &[&mac_id, &account.0],
    ).await?;
    let Some(row) = row else {
        return Ok(None);
    };
    Ok(Some(Holder::Owner {
        credentials: row::credentials(&row)?,
        app_name: row.column("app_name")?,
        app_url: row.column("app_url")?,
        grant: Grant::read(&row)?,
        used_at: row.column("used_at")?,
        expires_at: row.column("expires_at")?,
    }))
}

/// The credential and the grant of an app that acts on behalf of the owner, unless it has expired.
pub(super) async fn authorized(
    db: &Db,
    account: AccountKey,
    mac_id: &str,
    now: i64,
) -> Result<Option<(Credentials, Grant)>, StorageError> {
    let found = owner_holder(db, account, mac_id).await?;
    Ok(match found.filter(|holder| holder.is_valid_at(now)) {
        Some(Holder::Owner {
            credentials, grant, ..
        }) => Some((credentials, grant)),
        _ => None,
    })
}
