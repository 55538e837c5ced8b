//! Who holds a credential.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tent_proto::mac::Credentials;
use tokio::sync::OnceCell;

use super::connection::Db;
use super::{Postgres, Shared, relations};
use crate::storage::row::{self, Row as _};
use crate::storage::{AccountKey, Grant, Holder, StorageError};

/// Questions that wait for a connection. Whoever asks the same meanwhile waits for the same answer.
///
/// Nothing is remembered: another process may have revoked a credential. Each answer is what the
/// database says after whoever gets it has asked.
#[derive(Default)]
pub(super) struct Questions(Mutex<HashMap<Name, Arc<Question>>>);

type Name = (AccountKey, String);
type Question = OnceCell<Result<Option<Arc<Holder>>, StorageError>>;

impl Questions {
    fn lock(&self) -> MutexGuard<'_, HashMap<Name, Arc<Question>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A question that others may join until it is put to the database, or given up.
struct Open {
    shared: Arc<Shared>,
    name: Name,
    question: Arc<Question>,
}

impl Open {
    fn close(&self) {
        let mut questions = self.shared.questions.lock();
        let named = questions.get(&self.name);
        if named.is_some_and(|named| Arc::ptr_eq(named, &self.question)) {
            questions.remove(&self.name);
        }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.close();
    }
}

/// The holder of a credential, which may have expired.
pub(super) async fn ask(
    postgres: &Postgres,
    account: AccountKey,
    mac_id: String,
) -> Result<Option<Arc<Holder>>, StorageError> {
    let name = (account, mac_id);
    let question = {
        let mut questions = postgres.0.questions.lock();
        Arc::clone(questions.entry(name.clone()).or_default())
    };
    let open = Open {
        shared: Arc::clone(&postgres.0),
        name,
        question: Arc::clone(&question),
    };
    let answer = question.get_or_init(|| {
        postgres.read(open, |db, open| {
            open.close();
            let (account, mac_id) = &open.name;
            Box::pin(async move { Ok(find(db, *account, mac_id).await?.map(Arc::new)) })
        })
    });
    answer.await.clone()
}

async fn find(db: &Db, account: AccountKey, mac_id: &str) -> Result<Option<Holder>, StorageError> {
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

#[cfg(test)]
mod tests;
