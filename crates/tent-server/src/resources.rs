//! What there is once, however many entities are served.

use std::sync::Arc;
use std::time::SystemTime;

use tent_proto::Timestamp;

use crate::attempts::Attempts;
use crate::delivery::Deliveries;
use crate::nonce::NonceMemory;
use crate::passphrase::Hashing;
use crate::peers::Reach;
use crate::storage::Storage;

/// The time in epoch seconds.
pub(crate) type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

pub(crate) fn system_clock() -> Clock {
    Arc::new(|| Timestamp::from(SystemTime::now()).epoch_seconds())
}

/// What the servers of all entities of one program work with.
pub(crate) struct Resources {
    pub(crate) database: Arc<dyn Storage>,
    pub(crate) nonces: NonceMemory,
    pub(crate) attempts: Attempts,
    pub(crate) hashing: Hashing,
    pub(crate) deliveries: Deliveries,
    clock: Clock,
}

impl Resources {
    /// Begins to send what is queued in the database, in the runtime that this is called in.
    pub(crate) fn new(database: Arc<dyn Storage>, reach: Reach, clock: Clock) -> Self {
        Self {
            deliveries: Deliveries::start(&database, reach, Arc::clone(&clock)),
            database,
            nonces: NonceMemory::default(),
            attempts: Attempts::default(),
            hashing: Hashing::default(),
            clock,
        }
    }

    /// The time in epoch seconds.
    pub(crate) fn now(&self) -> i64 {
        (self.clock)()
    }
}
