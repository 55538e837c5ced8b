//! The servers of an entity, and what is known of each.

use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use http::HeaderMap;
use http::header::DATE;
use tent_flow::Moment;
use tent_flow::policy::{Health, Limiter, epoch_seconds};

use crate::Server;

/// The servers that a profile named at some time, most preferred first. When the profile names others
/// later, those are put behind them; what was lent out stays.
#[derive(Debug)]
pub(crate) struct Servers {
    list: Vec<Server>,
    known: Vec<Arc<Known>>,
    /// Which one answered last.
    answered: AtomicUsize,
    later: OnceLock<Arc<Self>>,
}

/// What is known of a server.
#[derive(Debug, Default)]
struct Known {
    limiter: OnceLock<Limiter>,
    health: Mutex<Health>,
    /// How far ahead of ours its clock is, in seconds: as its last answer said, and as signatures need.
    ahead: AtomicI64,
    correction: AtomicI64,
}

/// A profile may name more; they are not asked.
const MOST: usize = 64;

impl Servers {
    pub(crate) fn new(list: Vec<Server>) -> Self {
        Self {
            known: list.iter().map(|_| Arc::default()).collect(),
            list,
            answered: AtomicUsize::new(0),
            later: OnceLock::new(),
        }
    }

    pub(crate) fn list(&self) -> &[Server] {
        &self.list
    }

    pub(crate) fn get(&self, index: usize) -> Option<&Server> {
        self.list.get(index)
    }

    /// The index of the one that answered last.
    pub(crate) fn preferred(&self) -> usize {
        self.answered.load(Ordering::Relaxed)
    }

    /// What the profile names by now.
    pub(crate) fn latest(self: &Arc<Self>) -> &Arc<Self> {
        let mut latest = self;
        while let Some(later) = latest.later.get() {
            latest = later;
        }
        latest
    }

    /// Puts what the profile names now behind this, and says whether that differs. What is known of a
    /// server that stays is kept.
    pub(crate) fn replace(&self, list: Vec<Server>) -> bool {
        if list.is_empty() || list == self.list {
            return false;
        }
        let known = list.iter().map(|server| {
            let index = self.list.iter().position(|known| known == server);
            let known = index.and_then(|index| self.known.get(index));
            known.map(Arc::clone).unwrap_or_default()
        });
        let known = known.collect();
        // When somebody else was faster, theirs is as new.
        let _ = self.later.set(Arc::new(Self {
            known,
            ..Self::new(list)
        }));
        true
    }

    /// Which one to ask next, of those not tried yet, a bit each.
    pub(crate) fn choose(&self, now: Moment, tried: u64) -> Option<usize> {
        let known = self.known.iter().take(MOST);
        let healths = known.map(|known| *known.health());
        let chosen = Health::choose(healths, now, |index| tried & (1 << index) != 0)?;
        self.known.get(chosen)?.health().asked(now);
        Some(chosen)
    }

    /// Whether one is left that was not tried yet.
    pub(crate) fn has_untried(&self, tried: u64) -> bool {
        (0..self.list.len().min(MOST)).any(|index| tried & (1 << index) == 0)
    }

    /// The limiter of one, as `find` finds it at first.
    pub(super) fn limiter(
        &self,
        index: usize,
        find: impl FnOnce(&Server) -> Limiter,
    ) -> Option<&Limiter> {
        let (known, server) = (self.known.get(index)?, self.list.get(index)?);
        Some(known.limiter.get_or_init(|| find(server)))
    }

    /// It answered, whatever it said.
    pub(crate) fn answered(&self, index: usize) {
        self.answered.store(index, Ordering::Relaxed);
        if let Some(known) = self.known.get(index) {
            known.health().answered();
        }
    }

    /// It did not answer, or had no time.
    pub(crate) fn failed(&self, index: usize, now: Moment, asked: Option<Duration>) {
        if let Some(known) = self.known.get(index) {
            known.health().failed(now, asked);
        }
    }

    /// Notes what its clock says.
    pub(crate) fn note_clock(&self, index: usize, now: Moment, headers: &HeaderMap) {
        let date = headers.get(DATE).and_then(|date| date.to_str().ok());
        let ahead = date.and_then(epoch_seconds).and_then(|date| {
            let ours = i64::try_from(now.epoch_seconds()).ok()?;
            Some(i64::try_from(date).ok()? - ours)
        });
        if let (Some(ahead), Some(known)) = (ahead, self.known.get(index)) {
            known.ahead.store(ahead, Ordering::Relaxed);
        }
    }

    /// The time by its clock, as far as is known, in epoch seconds.
    pub(crate) fn time(&self, index: usize, now: Moment) -> u64 {
        self.shifted(index, now, |known| &known.ahead)
    }

    /// The time to sign with, in epoch seconds.
    pub(crate) fn time_to_sign(&self, index: usize, now: Moment) -> u64 {
        self.shifted(index, now, |known| &known.correction)
    }

    fn shifted(&self, index: usize, now: Moment, by: impl Fn(&Known) -> &AtomicI64) -> u64 {
        let seconds = self
            .known
            .get(index)
            .map_or(0, |known| by(known).load(Ordering::Relaxed));
        now.epoch_seconds().saturating_add_signed(seconds)
    }

    /// Signs by its clock from now on, since it does not take ours. `false` when that would change
    /// nothing.
    pub(crate) fn follow_its_clock(&self, index: usize) -> bool {
        self.known.get(index).is_some_and(|known| {
            let ahead = known.ahead.load(Ordering::Relaxed);
            let before = known.correction.swap(ahead, Ordering::Relaxed);
            before.abs_diff(ahead) > 1
        })
    }
}

impl Known {
    fn health(&self) -> MutexGuard<'_, Health> {
        // Nothing under the lock can panic halfway.
        self.health.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
