//! What there is once, however many entities are served.

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::SystemTime;

use tent_proto::Timestamp;

use crate::attachment::{self, AttachmentLimits};
use crate::attempts::Attempts;
use crate::builder::StartError;
use crate::delivery::Deliveries;
use crate::limit::{Limits, Taken};
use crate::metrics::Metrics;
use crate::nonce::NonceMemory;
use crate::passphrase::Hashing;
use crate::peers::Reach;
use crate::storage::{AttachmentFolder, Database, DatabaseError, Storage};

/// The time in epoch seconds.
pub(crate) type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// What can be said of the resources before they are there.
pub(crate) struct Settings {
    pub(crate) database: Option<Database>,
    pub(crate) attachments: Option<PathBuf>,
    pub(crate) attachment_limits: AttachmentLimits,
    pub(crate) limits: Limits,
    pub(crate) proxies: Vec<IpAddr>,
    pub(crate) own_network: bool,
    /// Whether what is queued is sent.
    pub(crate) delivers: bool,
    pub(crate) clock: Clock,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            database: None,
            attachments: None,
            attachment_limits: AttachmentLimits::default(),
            limits: Limits::default(),
            proxies: Vec::new(),
            own_network: false,
            delivers: true,
            clock: Arc::new(|| Timestamp::from(SystemTime::now()).epoch_seconds()),
        }
    }
}

impl Settings {
    /// The database that was given, or one in memory.
    pub(crate) fn storage(&mut self) -> Result<Arc<dyn Storage>, DatabaseError> {
        let database = self.database.take().map_or_else(Database::in_memory, Ok)?;
        Ok(database.into_storage())
    }

    /// The folder for attachments that was given, or else the one of the database.
    pub(crate) async fn attachments(
        &mut self,
        database: &dyn Storage,
    ) -> Result<Arc<AttachmentFolder>, StartError> {
        attachment::open(self.attachments.take(), database).await
    }
}

/// What the servers of all entities of one program work with.
pub(crate) struct Resources {
    pub(crate) database: Arc<dyn Storage>,
    pub(crate) attachments: Arc<AttachmentFolder>,
    pub(crate) attachment_limits: AttachmentLimits,
    pub(crate) nonces: NonceMemory,
    pub(crate) attempts: Attempts,
    pub(crate) hashing: Hashing,
    pub(crate) deliveries: Deliveries,
    pub(crate) taken: Taken,
    pub(crate) metrics: Arc<Metrics>,
    /// Whose `X-Forwarded-For` and `X-Forwarded-Host` are believed.
    pub(crate) proxies: Vec<IpAddr>,
    /// Held while what removed entities leave is deleted.
    pub(crate) removing: Arc<tokio::sync::Mutex<()>>,
    clock: Clock,
    is_retiring: AtomicBool,
}

impl Resources {
    /// Begins to send what is queued in the database, in the runtime that this is called in.
    pub(crate) fn new(
        database: Arc<dyn Storage>,
        attachments: Arc<AttachmentFolder>,
        reach: Reach,
        settings: Settings,
    ) -> Self {
        let metrics = Arc::new(Metrics::new());
        let clock = Arc::clone(&settings.clock);
        let deliveries = match settings.delivers {
            true => Deliveries::start(&database, reach, clock, Arc::clone(&metrics)),
            false => Deliveries::none(),
        };
        let processes = database.processes();
        Self {
            deliveries,
            database,
            attachments,
            attachment_limits: settings.attachment_limits,
            nonces: NonceMemory::default(),
            attempts: Attempts::new(processes.as_ref()),
            hashing: Hashing::default(),
            taken: Taken::within(settings.limits, processes.as_ref()),
            metrics,
            proxies: settings.proxies,
            removing: Arc::default(),
            clock: settings.clock,
            is_retiring: AtomicBool::new(false),
        }
    }

    /// From now on the server says that it is about to stop.
    pub(crate) fn retire(&self) {
        self.is_retiring.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_retiring(&self) -> bool {
        self.is_retiring.load(Ordering::Relaxed)
    }

    /// The time in epoch seconds.
    pub(crate) fn now(&self) -> i64 {
        (self.clock)()
    }
}
