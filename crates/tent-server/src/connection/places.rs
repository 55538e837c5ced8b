//! Places for connections: so many at a time, and those that ask for nothing make room.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// How long to wait for a place before another connection is looked for that can make room.
const PAUSE: Duration = Duration::from_millis(100);
/// Stands for the turn of a connection that has a request in flight.
const BUSY: u64 = u64::MAX;

/// The places of a server.
#[derive(Debug)]
pub(super) struct Places {
    most: u32,
    free: Arc<Semaphore>,
    taken: Mutex<BTreeMap<u64, Arc<Standing>>>,
    /// Numbers connections, and the times at which they begin to wait for a request.
    turns: AtomicU64,
}

/// The place of one connection, until it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    places: Arc<Places>,
    number: u64,
    standing: Arc<Standing>,
    _permit: OwnedSemaphorePermit,
}

/// What a connection is at.
#[derive(Debug, Default)]
pub(super) struct Standing {
    /// Since which turn it waits for a request.
    waits_since: AtomicU64,
    /// Whether a part of an answer has not been taken yet.
    unsent: AtomicBool,
    unwanted: Notify,
}

/// A request in flight, until its answer has been given or dropped.
#[derive(Debug)]
pub(super) struct Busy {
    places: Arc<Places>,
    standing: Arc<Standing>,
}

impl Places {
    pub(super) fn new(most: u32) -> Arc<Self> {
        Arc::new(Self {
            most,
            free: Arc::new(Semaphore::new(most as usize)),
            taken: Mutex::default(),
            turns: AtomicU64::new(0),
        })
    }

    /// Takes a place. When none is free, the connection that has waited for a request the longest
    /// makes room; when all are busy, this waits for one that is not.
    pub(super) async fn take(self: &Arc<Self>) -> Place {
        let permit = self.permit().await;
        let number = self.turn();
        let standing = Arc::new(Standing::default());
        standing.waits_since.store(number, Ordering::Relaxed);
        self.taken().insert(number, Arc::clone(&standing));
        Place {
            places: Arc::clone(self),
            number,
            standing,
            _permit: permit,
        }
    }

    async fn permit(&self) -> OwnedSemaphorePermit {
        loop {
            if let Ok(permit) = Arc::clone(&self.free).try_acquire_owned() {
                return permit;
            }
            self.make_room();
            if let Ok(Ok(permit)) = timeout(PAUSE, Arc::clone(&self.free).acquire_owned()).await {
                return permit;
            }
        }
    }

    /// Waits until all connections have ended.
    pub(super) async fn all_free(&self) {
        let _ = self.free.acquire_many(self.most).await;
    }

    fn make_room(&self) {
        let taken = self.taken();
        let idle = taken.values().filter(|standing| standing.is_idle());
        let longest = idle.min_by_key(|standing| standing.waits_since.load(Ordering::Relaxed));
        if let Some(standing) = longest {
            standing.unwanted.notify_one();
        }
    }

    fn turn(&self) -> u64 {
        self.turns.fetch_add(1, Ordering::Relaxed)
    }

    fn taken(&self) -> MutexGuard<'_, BTreeMap<u64, Arc<Standing>>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// Begins a request.
    pub(super) fn begin(&self) -> Busy {
        self.standing.waits_since.store(BUSY, Ordering::Relaxed);
        Busy {
            places: Arc::clone(&self.places),
            standing: Arc::clone(&self.standing),
        }
    }

    pub(super) const fn standing(&self) -> &Arc<Standing> {
        &self.standing
    }

    /// Waits until the place is wanted for another connection while this one is idle.
    pub(super) async fn wanted(&self) {
        loop {
            self.standing.unwanted.notified().await;
            // A request may have come in the meantime.
            if self.standing.is_idle() {
                return;
            }
        }
    }
}

impl Standing {
    /// Whether it has no request in flight, and nothing to send.
    pub(super) fn is_idle(&self) -> bool {
        let waits = self.waits_since.load(Ordering::Relaxed) != BUSY;
        waits && !self.unsent.load(Ordering::Relaxed)
    }

    pub(super) fn set_unsent(&self, unsent: bool) {
        self.unsent.store(unsent, Ordering::Relaxed);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.places.taken().remove(&self.number);
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        let turn = self.places.turn();
        self.standing.waits_since.store(turn, Ordering::Relaxed);
    }
}
