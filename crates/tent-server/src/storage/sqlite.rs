//! Storage in SQLite: write-ahead log, one writer, a few readers.

mod accounts;
mod approvals;
mod apps;
mod attachments;
mod authorizations;
mod changes;
mod deliveries;
mod ended_followings;
mod feed;
mod foreign;
mod groups;
mod holders;
mod ids;
mod json;
mod lock;
mod mentions;
mod migration;
mod params;
mod posts;
mod profiles;
mod relations;
mod removal;
mod versions;
mod worker;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use rusqlite::Connection;
use rusqlite::config::DbConfig;
use tokio::sync::{oneshot, watch};

use self::changes::Changes;
use self::holders::Holders;
pub(super) use self::lock::{Lock, open_private};
pub(super) use self::migration::migrate;
use self::worker::{Answer, Read, Workers, Write};
use super::{AttachmentPlace, DatabaseError, Reply, Stamp, Storage, StorageError};
use crate::nonce::WINDOW;

/// How long a connection waits for another.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);
const READERS: usize = 3;

pub(super) struct Sqlite {
    /// Told of deliveries that are queued.
    queued: watch::Sender<()>,
    holders: Arc<Holders>,
    /// The minute up to which old nonces were forgotten.
    forgotten: Arc<AtomicI64>,
    writer: Workers<Write>,
    /// None for a database in memory, whose one connection does all.
    readers: Option<Workers<Read>>,
    attachment_folder: Option<PathBuf>,
    /// None for a database in memory. Let go last, when the connections are closed.
    _lock: Option<Lock>,
}

impl Sqlite {
    pub(super) fn open(file: &Path) -> Result<Self, DatabaseError> {
        let lock = Lock::take(file)?;
        if partial(file).exists() {
            return Err(DatabaseError::Unfinished);
        }
        // Made before SQLite would, so that nobody else can read the keys in it. SQLite gives its
        // companions the same permissions.
        open_private(file).map_err(io)?;
        let mut writer = connect(file)?;
        migrate(&mut writer)?;
        let readers = (0..READERS)
            .map(|_| connect(file))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            readers: Some(Workers::readers(readers).map_err(io)?),
            attachment_folder: Some(attachment_folder(file)),
            _lock: Some(lock),
            ..Self::with_writer(writer)?
        })
    }

    pub(super) fn in_memory() -> Result<Self, DatabaseError> {
        let mut connection = configure(Connection::open_in_memory()?)?;
        migrate(&mut connection)?;
        Self::with_writer(connection)
    }

    fn with_writer(mut connection: Connection) -> Result<Self, DatabaseError> {
        let (queued, holders) = (watch::Sender::new(()), Arc::<Holders>::default());
        let changes = Changes::of(&mut connection, queued.clone(), Arc::clone(&holders))?;
        Ok(Self {
            queued,
            holders,
            forgotten: Arc::default(),
            writer: Workers::writer(connection, changes).map_err(io)?,
            readers: None,
            attachment_folder: None,
            _lock: None,
        })
    }

    /// Does a write and answers when it is durable.
    fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StorageError> + Send + 'static,
    ) -> Reply<'static, T> {
        let (sender, receiver) = oneshot::channel();
        self.writer.queue(Box::new(move |db| {
            let result = db.map(work);
            let stands = match &result {
                Some(Ok(_)) => Ok(()),
                Some(Err(StorageError::Database(cause))) => Err(cause.clone()),
                Some(Err(_)) | None => Err(DatabaseError::RolledBack),
            };
            let answer: Answer = Box::new(move |committed| {
                let result = match (result, committed) {
                    (Some(Ok(value)), Ok(())) => Ok(value),
                    (Some(Err(error)), _) => Err(error),
                    (_, Err(error)) => Err(error.into()),
                    (None, Ok(())) => Err(DatabaseError::RolledBack.into()),
                };
                let _ = sender.send(result);
            });
            (stands, answer)
        }));
        Box::pin(async move { receiver.await.map_err(|_| DatabaseError::Closed)? })
    }

    fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StorageError> + Send + 'static,
    ) -> Reply<'static, T> {
        let Some(readers) = &self.readers else {
            return self.write(work);
        };
        let (sender, receiver) = oneshot::channel();
        readers.queue(Box::new(move |db| {
            let _ = sender.send(work(db));
        }));
        Box::pin(async move { receiver.await.map_err(|_| DatabaseError::Closed)? })
    }

    /// Does a write that may be signed: the stamp is stored, and stands or falls with the rest.
    fn write_signed<T: Send + 'static>(
        &self,
        stamp: Option<Stamp>,
        work: impl FnOnce(&Connection) -> Result<T, StorageError> + Send + 'static,
    ) -> Reply<'static, T> {
        let forgotten = Arc::clone(&self.forgotten);
        self.write(move |db| {
            if let Some(stamp) = stamp {
                forget_nonces(db, &forgotten, stamp.timestamp)?;
                use_stamp(db, &stamp)?;
            }
            work(db)
        })
    }
}

impl std::fmt::Debug for Sqlite {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sqlite").finish_non_exhaustive()
    }
}

fn io(error: std::io::Error) -> DatabaseError {
    DatabaseError::Open(Arc::new(error))
}

fn connect(file: &Path) -> Result<Connection, DatabaseError> {
    configure(Connection::open(file)?)
}

fn configure(connection: Connection) -> Result<Connection, DatabaseError> {
    connection.busy_timeout(PATIENCE)?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // Each write of a group can be taken back by itself, and what that takes is not worth a file.
    connection.pragma_update(None, "temp_store", "memory")?;
    // Plans that do not depend on the values stay, or statements would be prepared anew for each.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

/// Forgets the nonces that are too old to be accepted again, once a minute.
fn forget_nonces(db: &Connection, forgotten: &AtomicI64, timestamp: i64) -> rusqlite::Result<()> {
    let minute = timestamp.div_euclid(60);
    if forgotten.fetch_max(minute, Ordering::Relaxed) < minute {
        // Stamps are within the window round now, so twice the window before one is before all.
        db.prepare_cached("DELETE FROM nonces WHERE timestamp < ?1")?
            .execute([timestamp.saturating_sub(2 * WINDOW)])?;
    }
    Ok(())
}

/// Stores the stamp.
fn use_stamp(db: &Connection, stamp: &Stamp) -> Result<(), StorageError> {
    let stored = db
        .prepare_cached(
            "INSERT OR IGNORE INTO nonces (timestamp, mac_id, nonce) VALUES (?1, ?2, ?3)",
        )?
        .execute((stamp.timestamp, &stamp.mac_id, &stamp.nonce))?;
    if stored == 1 {
        Ok(())
    } else {
        Err(StorageError::Replayed)
    }
}

/// Beside the database.
pub(super) fn attachment_folder(database: &Path) -> PathBuf {
    let mut name = OsString::from(database);
    name.push("-attachments");
    name.into()
}

/// What is there of a copy that is not whole.
pub(super) fn partial(database: &Path) -> PathBuf {
    let mut name = OsString::from(database);
    name.push("-partial");
    name.into()
}

impl Storage for Sqlite {
    fn attachment_folder(&self) -> Option<AttachmentPlace> {
        self.attachment_folder.clone().map(AttachmentPlace::Own)
    }
}
