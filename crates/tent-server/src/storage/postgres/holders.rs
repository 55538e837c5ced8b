//! Who holds a credential.

use tent_proto::mac::Credentials;

use super::connection::Db;
use super::relations;
use crate::storage::row::{self, Row as _};
use crate::storage::{AccountKey, Grant, Holder, StorageError};

/// The holder of a credential, which may have expired.
pub(super) async fn find(
    db: &Db,
    account: AccountKey,
    mac_id: &str,
) -> Result<Option<Holder>, StorageError> {
    // The first letter of what this server gives says where to look (docs/protocol.md §3.3). Others
    // give what they like.
    let own = match mac_id.as_bytes().first() {
        Some(b'a') => app(db, account, mac_id).await?,
        Some(b's') => None,
        _ => owner(db, account, mac_id).await?,
    };
    match own {
        Some(own) => Ok(Some(own)),
        None => relations::holder(db, account, mac_id).await,
    }
}

async fn app(db: &Db, account: AccountKey, mac_id: &str) -> Result<Option<Holder>, StorageError> {
    let sql = "SELECT id, mac_key_id, mac_key, mac_algorithm FROM apps WHERE mac_key_id = $1 AND entity_id = $2";
    let Some(row) = db.row(sql, &[&mac_id, &account.0]).await? else {
        return Ok(None);
    };
    Ok(Some(Holder::App {
        credentials: row::credentials(&row)?,
        app: row.column::<String>("id")?.into(),
    }))
}

async fn owner(db: &Db, account: AccountKey, mac_id: &str) -> Result<Option<Holder>, StorageError> {
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
    let found = owner(db, account, mac_id).await?;
    Ok(match found.filter(|holder| holder.is_valid_at(now)) {
        Some(Holder::Owner {
            credentials, grant, ..
        }) => Some((credentials, grant)),
        _ => None,
    })
}
