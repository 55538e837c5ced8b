//! Who holds a credential.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;
use tent_proto::mac::Credentials;

use super::relations;
use crate::storage::row;
use crate::storage::{AccountKey, Grant, Holder, StorageError};

/// How many credentials are remembered at most.
const MOST: usize = 4_096;

/// The holders that were asked for lately, with the states of their keys, which take longer to compute
/// than a signature to verify.
///
/// All are forgotten when anything changes that one of them depends on: a commit says so before
/// anybody hears of it, so what is revoked is so at once.
#[derive(Default)]
pub(super) struct Holders(Mutex<Known>);

#[derive(Default)]
struct Known {
    /// How often all were forgotten.
    changes: u64,
    holders: HashMap<AccountKey, HashMap<String, Arc<Holder>>>,
    count: usize,
}

/// When a holder was not known. What is read after that is kept if nothing has changed since.
#[derive(Debug, Clone, Copy)]
pub(super) struct Miss(u64);

impl Holders {
    /// The holder of a credential. It may have expired.
    pub(super) fn get(&self, account: AccountKey, mac_id: &str) -> Result<Arc<Holder>, Miss> {
        let known = self.known();
        let found = known.holders.get(&account).and_then(|of| of.get(mac_id));
        found.cloned().ok_or(Miss(known.changes))
    }

    /// Remembers a holder that was read after it was not known.
    pub(super) fn keep(&self, Miss(changes): Miss, account: AccountKey, holder: &Arc<Holder>) {
        let mut known = self.known();
        if known.changes != changes {
            return;
        }
        if known.count >= MOST {
            known.holders.clear();
            known.count = 0;
        }
        let mac_id = holder.credentials().id().to_owned();
        let of = known.holders.entry(account).or_default();
        if of.insert(mac_id, Arc::clone(holder)).is_none() {
            known.count += 1;
        }
    }

    pub(super) fn forget(&self) {
        let mut known = self.known();
        known.changes += 1;
        known.holders.clear();
        known.count = 0;
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The holder of a credential, which may have expired.
pub(super) fn find(
    db: &Connection,
    account: AccountKey,
    mac_id: &str,
) -> Result<Option<Holder>, StorageError> {
    // The first letter of what this server gives says where to look (docs/protocol.md §3.3). Others
    // give what they like.
    let own = match mac_id.as_bytes().first() {
        Some(b'a') => app(db, account, mac_id)?,
        Some(b's') => None,
        _ => owner(db, account, mac_id)?,
    };
    match own {
        Some(own) => Ok(Some(own)),
        None => relations::holder(db, account, mac_id),
    }
}

fn app(db: &Connection, account: AccountKey, mac_id: &str) -> Result<Option<Holder>, StorageError> {
    let mut query =
        db.prepare_cached("SELECT * FROM apps WHERE mac_key_id = ?1 AND entity_id = ?2")?;
    let mut rows = query.query((mac_id, account.0))?;
    let Some(row) = rows.next()? else {
        return Ok(None);
    };
    Ok(Some(Holder::App {
        credentials: row::credentials(row)?,
        app: row.get::<_, String>("id")?.into(),
    }))
}

fn owner(
    db: &Connection,
    account: AccountKey,
    mac_id: &str,
) -> Result<Option<Holder>, StorageError> {
    let mut query = db.prepare_cached(
        "SELECT a.mac_key_id, a.mac_key, a.mac_algorithm, a.scopes, a.post_types, a.profile_info_types, a.notification_url,
                a.used_at, a.expires_at, p.name AS app_name, p.url AS app_url
         FROM authorizations a JOIN apps p ON p.key = a.app
         WHERE a.mac_key_id = ?1 AND p.entity_id = ?2",
    )?;
    let mut rows = query.query((mac_id, account.0))?;
    let Some(row) = rows.next()? else {
        return Ok(None);
    };
    Ok(Some(Holder::Owner {
        credentials: row::credentials(row)?,
        app_name: row.get("app_name")?,
        app_url: row.get("app_url")?,
        grant: Grant::read(row)?,
        used_at: row.get("used_at")?,
        expires_at: row.get("expires_at")?,
    }))
}

/// The credential and the grant of an app that acts on behalf of the owner, unless it has expired.
pub(super) fn authorized(
    db: &Connection,
    account: AccountKey,
    mac_id: &str,
    now: i64,
) -> Result<Option<(Credentials, Grant)>, StorageError> {
    let found = owner(db, account, mac_id)?.filter(|holder| holder.is_valid_at(now));
    Ok(match found {
        Some(Holder::Owner {
            credentials, grant, ..
        }) => Some((credentials, grant)),
        _ => None,
    })
}

#[cfg(test)]
mod tests;
