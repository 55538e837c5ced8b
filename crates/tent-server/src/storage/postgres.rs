//! Storage in PostgreSQL, for any number of equal processes.
//!
//! It keeps to what compatible clusters offer: tables, foreign keys, row locks, `FOR UPDATE SKIP
//! LOCKED`; no triggers, no advisory locks, no functions of its own. `LISTEN` and `NOTIFY` make
//! deliveries prompt across processes, and nothing depends on them: whoever waits looks by itself
//! now and then.
//!
//! What is written for one entity is written one after another, by whichever process: such a write
//! locks the row of its entity first. So keys grow in the order in which posts come to be seen, and
//! no page that begins after a post misses one; the same order as with SQLite's one writer.

mod accounts;
mod approvals;
mod apps;
mod attachments;
mod authorizations;
mod bell;
mod connection;
mod deliveries;
mod ended_followings;
mod failure;
mod feed;
mod foreign;
mod groups;
mod heartbeat;
mod holders;
mod ids;
mod line;
mod mentions;
mod migration;
mod parameters;
mod password;
mod posts;
mod processes;
mod profiles;
mod queue;
mod relations;
mod removal;
mod text;
mod tls;
mod versions;

use std::future::Future;
use std::io;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod, Runtime, Timeouts};
use tokio::sync::watch;
use tokio_postgres::Config;

use self::bell::Bell;
use self::connection::Db;
use self::failure::Failed;
use self::holders::Questions;
use self::line::Lines;
pub(super) use self::migration::{SCHEMA_VERSION, migrate};
use self::parameters::Parameters;
pub(super) use self::relations::derived as derived_of_relation;
pub(super) use self::text::{escaped, unescaped};
use self::tls::Connector;
use super::{
    AccountKey, AttachmentPlace, DatabaseError, Processes, Reply, Stamp, Storage, StorageError,
};
use crate::nonce::WINDOW;
use crate::secret;

/// How many connections a process has at most.
const CONNECTIONS: usize = 16;
/// How long to wait for one of them, or for the database.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often a transaction is tried that others got in the way of.
const ATTEMPTS: u32 = 5;

#[derive(Clone)]
pub(super) struct Postgres(Arc<Shared>);

struct Shared {
    pool: Pool,
    lines: Lines,
    questions: Questions,
    bell: Bell,
    attachment_folder: PathBuf,
    /// Who leases deliveries: this process, or whatever else opened the database once more.
    lessee: i64,
    /// The minute up to which old nonces were forgotten.
    forgotten: AtomicI64,
    /// The minute up to which full buckets were.
    swept: AtomicI64,
}

/// Work on a connection, with what it needs: it can be done again.
type Work<A, T> = for<'a> fn(&'a Db, &'a A) -> Working<'a, T>;
type Working<'a, T> = Pin<Box<dyn Future<Output = Result<T, StorageError>> + Send + 'a>>;

impl Postgres {
    pub(super) async fn open(
        config: &str,
        attachment_folder: PathBuf,
    ) -> Result<Self, DatabaseError> {
        let (pool, config, tls) = pool(config)?;
        migrate(&pool).await?;
        let lessee = secret::random()
            .map_err(|error| DatabaseError::Open(Arc::new(io::Error::other(error))))?;
        Ok(Self(Arc::new(Shared {
            pool,
            lines: Lines::default(),
            questions: Questions::default(),
            bell: Bell::new(config, tls),
            attachment_folder,
            lessee: i64::from_le_bytes(lessee),
            forgotten: AtomicI64::new(0),
            swept: AtomicI64::new(0),
        })))
    }

    /// Connections to be.
    pub(super) fn pool(config: &str) -> Result<Pool, DatabaseError> {
        pool(config).map(|(pool, ..)| pool)
    }

    /// Does a write, and answers when it is durable. Whoever goes away does not break it off.
    fn write<A, T>(&self, with: A, work: Work<A, T>) -> Reply<'static, T>
    where
        A: Send + Sync + 'static,
        T: Send + 'static,
    {
        let shared = Arc::clone(&self.0);
        let written = tokio::spawn(async move {
            let mut attempt = 1;
            loop {
                match shared.try_once(&with, work).await {
                    Err(failed) if failed.again && attempt < ATTEMPTS => attempt += 1,
                    written => return written.map_err(|failed| failed.error),
                }
            }
        });
        Box::pin(async move { written.await.map_err(|_| DatabaseError::Closed)? })
    }

    /// Does a write for an entity, one after another, that may be signed and may publish something:
    /// the stamp is stored, and stands or falls with the rest.
    fn write_signed<A, T>(
        &self,
        account: AccountKey,
        stamp: Option<Stamp>,
        with: A,
        work: Work<A, T>,
    ) -> Reply<'static, T>
    where
        A: Send + Sync + 'static,
        T: Send + 'static,
    {
        Lines::write(&self.0, account, stamp, with, work)
    }

    fn read<A, T>(&self, with: A, work: Work<A, T>) -> Reply<'static, T>
    where
        A: Send + Sync + 'static,
        T: Send + 'static,
    {
        let shared = Arc::clone(&self.0);
        Box::pin(async move {
            let mut attempt = 1;
            loop {
                let read = work(&shared.connection().await?, &with).await;
                match read.map_err(Failed::before) {
                    Err(failed) if failed.again && attempt < ATTEMPTS => attempt += 1,
                    read => return read.map_err(|failed| failed.error),
                }
            }
        })
    }

    fn lessee(&self) -> i64 {
        self.0.lessee
    }

    fn queued(&self) -> watch::Receiver<()> {
        self.0.bell.queued.subscribe()
    }
}

/// Connections to be, and what they are made with.
fn pool(config: &str) -> Result<(Pool, Config, Connector), DatabaseError> {
    let Parameters { mut config, roots } = parameters::read(config)?;
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(PATIENCE);
    }
    if config.get_application_name().is_none() {
        config.application_name("tent");
    }
    let tls = tls::connector(&mut config, roots);
    let recycling = ManagerConfig {
        recycling_method: RecyclingMethod::Fast,
    };
    let manager = Manager::from_config(config.clone(), tls.clone(), recycling);
    let timeouts = Timeouts {
        wait: Some(PATIENCE),
        create: Some(2 * PATIENCE),
        recycle: Some(PATIENCE),
    };
    let pool = Pool::builder(manager)
        .max_size(CONNECTIONS)
        .timeouts(timeouts)
        .runtime(Runtime::Tokio1)
        .build()
        .map_err(|error| DatabaseError::Unreachable(Arc::new(error)))?;
    Ok((pool, config, tls))
}

impl Shared {
    async fn connection(&self) -> Result<Db, StorageError> {
        let connection = self.pool.get().await.map_err(DatabaseError::from)?;
        Ok(Db::new(connection))
    }

    async fn try_once<A, T>(&self, with: &A, work: Work<A, T>) -> Result<T, Failed> {
        let mut db = self.connection().await.map_err(Failed::unconnected)?;
        let done = async {
            db.begin(None, &[]).await?;
            work(&db, with).await
        };
        let done = done.await;
        self.end(&mut db, done).await
    }

    /// Ends a transaction as what was done in it ended, and tells of deliveries that were queued.
    async fn end<T>(&self, db: &mut Db, done: Result<T, StorageError>) -> Result<T, Failed> {
        match done {
            Err(error) => {
                db.roll_back().await;
                Err(Failed::before(error))
            }
            Ok(done) => {
                db.commit().await.map_err(Failed::at_commit)?;
                if db.has_queued() {
                    self.bell.queued.ring();
                }
                if db.has_entities() {
                    self.bell.entities.ring();
                }
                Ok(done)
            }
        }
    }

    /// Forgets stamps that are too old to be accepted again, once a minute, in a transaction of its
    /// own so that no write waits for another's.
    async fn forget_nonces(&self, db: &Db, timestamp: i64) {
        let minute = timestamp.div_euclid(60);
        if self.forgotten.fetch_max(minute, Ordering::Relaxed) >= minute {
            return;
        }
        // Stamps are within the window round now, so twice the window before one is before all.
        let oldest = timestamp.saturating_sub(2 * WINDOW);
        let sql = "DELETE FROM nonces WHERE timestamp < $1";
        if let Err(error) = db.execute(sql, &[&oldest]).await {
            tracing::warn!(%error, "old nonces were not forgotten");
        }
    }
}

impl std::fmt::Debug for Postgres {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Postgres").finish_non_exhaustive()
    }
}

impl Storage for Postgres {
    fn attachment_folder(&self) -> Option<AttachmentPlace> {
        Some(AttachmentPlace::Shared(self.0.attachment_folder.clone()))
    }

    fn processes(&self) -> Option<Arc<dyn Processes>> {
        Some(Arc::new(self.clone()))
    }
}

#[cfg(test)]
mod tests;
