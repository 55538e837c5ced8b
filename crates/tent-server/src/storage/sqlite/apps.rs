//! Apps, and what they were granted.

use std::future::ready;
use std::sync::Arc;

use rusqlite::Connection;
use tent_proto::mac::Credentials;
use tent_proto::{AppId, AuthorizationId};

use super::{Sqlite, authorizations, holders, json};
use crate::storage::app::{PENDING, PENDING_SECONDS};
use crate::storage::{
    AccountKey, AppChange, Apps, GrantChange, Holder, NewAuthorization, Registration, Reply, Stamp,
    StorageError, StoredAuthorization,
};

impl Apps for Sqlite {
    fn create_app(
        &self,
        account: AccountKey,
        app: Registration,
        stamp: Option<Stamp>,
    ) -> Reply<'_, bool> {
        self.write_signed(stamp, move |db| create(db, account, &app))
    }

    fn app(&self, account: AccountKey, id: AppId, now: i64) -> Reply<'_, Option<Registration>> {
        self.read(move |db| Ok(read(db, account, Some(&id), now)?.pop()))
    }

    fn apps(&self, account: AccountKey, now: i64) -> Reply<'_, Vec<Registration>> {
        self.read(move |db| read(db, account, None, now))
    }

    fn update_app(
        &self,
        account: AccountKey,
        id: AppId,
        change: AppChange,
        stamp: Option<Stamp>,
    ) -> Reply<'_, bool> {
        self.write_signed(stamp, move |db| update(db, account, &id, &change))
    }

    fn delete_app(&self, account: AccountKey, id: AppId, stamp: Option<Stamp>) -> Reply<'_, bool> {
        self.write_signed(stamp, move |db| delete(db, account, &id))
    }

    fn create_authorization(
        &self,
        account: AccountKey,
        app: AppId,
        authorization: NewAuthorization,
        stamp: Option<Stamp>,
    ) -> Reply<'_, Option<StoredAuthorization>> {
        self.write_signed(stamp, move |db| {
            authorizations::create(db, account, &app, &authorization)
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
        self.write_signed(stamp, move |db| {
            authorizations::update(db, account, &app, &id, &change)
        })
    }

    fn delete_authorization(
        &self,
        account: AccountKey,
        app: AppId,
        id: AuthorizationId,
        stamp: Option<Stamp>,
    ) -> Reply<'_, bool> {
        self.write_signed(stamp, move |db| {
            authorizations::delete(db, account, &app, &id)
        })
    }

    fn follow_url(&self, account: AccountKey, now: i64) -> Reply<'_, Option<String>> {
        self.read(move |db| authorizations::follow_url(db, account, now))
    }

    fn use_authorization(&self, account: AccountKey, mac_id: String, now: i64) -> Reply<'_, ()> {
        self.write(move |db| {
            db.prepare_cached(
                "UPDATE authorizations SET used_at = ?3
                 WHERE mac_key_id = ?1 AND app IN (SELECT key FROM apps WHERE entity_id = ?2)",
            )?
            .execute((mac_id, account.0, now))?;
            Ok(())
        })
    }

    fn holder(
        &self,
        account: AccountKey,
        mac_id: String,
        now: i64,
    ) -> Reply<'_, Option<Arc<Holder>>> {
        let miss = match self.holders.get(account, &mac_id) {
            Ok(holder) => {
                let holder = Some(holder).filter(|holder| holder.is_valid_at(now));
                return Box::pin(ready(Ok(holder)));
            }
            Err(miss) => miss,
        };
        let holders = Arc::clone(&self.holders);
        self.read(move |db| {
            let found = holders::find(db, account, &mac_id)?.map(Arc::new);
            if let Some(holder) = &found {
                holders.keep(miss, account, holder);
            }
            Ok(found.filter(|holder| holder.is_valid_at(now)))
        })
    }
}

/// Stores an app. Of those without an approval, the ones that waited too long go, and the oldest make
/// room.
fn create(db: &Connection, account: AccountKey, app: &Registration) -> Result<bool, StorageError> {
    if !insert(db, account, app)? {
        return Ok(false);
    }
    db.prepare_cached(
        "WITH pending AS (
             SELECT key, created_at FROM apps WHERE entity_id = ?1
                 AND NOT EXISTS (SELECT 1 FROM authorizations WHERE app = apps.key)
                 AND NOT EXISTS (SELECT 1 FROM codes WHERE app = apps.key))
         DELETE FROM apps WHERE key IN (SELECT key FROM pending WHERE created_at < ?3)
             OR key IN (SELECT key FROM pending ORDER BY key DESC LIMIT -1 OFFSET ?2)",
    )?
    .execute((account.0, PENDING, app.created_at - PENDING_SECONDS))?;
    Ok(true)
}

fn insert(db: &Connection, account: AccountKey, app: &Registration) -> Result<bool, StorageError> {
    let mut insert = db.prepare_cached(
        "INSERT INTO apps (entity_id, id, name, description, url, icon, redirect_uris, scopes,
             mac_key_id, mac_key, mac_algorithm, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
         ON CONFLICT DO NOTHING",
    )?;
    let inserted = insert.execute((
        account.0,
        app.id.as_str(),
        &app.name,
        &app.description,
        &app.url,
        &app.icon,
        json::write(&app.redirect_uris)?,
        json::write(&app.scopes)?,
        app.credentials.id(),
        app.credentials.key().expose(),
        app.credentials.algorithm().as_str(),
        app.created_at,
    ))?;
    Ok(inserted == 1)
}

/// The app of this id, or all of them.
fn read(
    db: &Connection,
    account: AccountKey,
    id: Option<&AppId>,
    now: i64,
) -> Result<Vec<Registration>, StorageError> {
    let mut query = db.prepare_cached(
        "SELECT * FROM apps WHERE entity_id = ?1 AND (?2 IS NULL OR id = ?2) ORDER BY key DESC",
    )?;
    let mut rows = query.query((account.0, id.map(AppId::as_str)))?;
    let mut apps = Vec::new();
    while let Some(row) = rows.next()? {
        let authorizations = authorizations::of(db, row.get("key")?, now)?;
        apps.push(Registration::read(row, authorizations)?);
    }
    Ok(apps)
}

fn update(
    db: &Connection,
    account: AccountKey,
    id: &AppId,
    change: &AppChange,
) -> Result<bool, StorageError> {
    let redirect_uris = change.redirect_uris.as_ref().map(json::write).transpose()?;
    let scopes = change.scopes.as_ref().map(json::write).transpose()?;
    let credentials = change.credentials.as_ref();
    let changed = db.execute(
        "UPDATE OR IGNORE apps SET name = coalesce(?3, name), description = coalesce(?4, description), url = coalesce(?5, url),
             icon = coalesce(?6, icon), redirect_uris = coalesce(?7, redirect_uris), scopes = coalesce(?8, scopes),
             mac_key_id = coalesce(?9, mac_key_id), mac_key = coalesce(?10, mac_key),
             mac_algorithm = coalesce(?11, mac_algorithm)
         WHERE entity_id = ?1 AND id = ?2",
        (
            account.0,
            id.as_str(),
            &change.name,
            &change.description,
            &change.url,
            &change.icon,
            redirect_uris,
            scopes,
            credentials.map(Credentials::id),
            credentials.map(|credentials| credentials.key().expose()),
            credentials.map(|credentials| credentials.algorithm().as_str()),
        ),
    )?;
    Ok(changed == 1)
}

fn delete(db: &Connection, account: AccountKey, id: &AppId) -> Result<bool, StorageError> {
    let deleted = db.execute(
        "DELETE FROM apps WHERE entity_id = ?1 AND id = ?2",
        (account.0, id.as_str()),
    )?;
    Ok(deleted == 1)
}
