//! The line of time that a bucket of tokens is.

use super::Limit;
use crate::storage::Span;

/// How a caller stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Standing {
    pub(super) limit: u32,
    /// How many requests may come at once now.
    pub(super) remaining: i64,
    /// When the limit is all there again, in epoch seconds.
    pub(super) reset: i64,
}

/// A bucket that is empty: how that stands, and in how many seconds there will be a token.
pub(super) type Empty = (Standing, i64);

/// All that makes a bucket is when it will be full again. Times are counted in parts of a second, as
/// many as the limit has requests: a bucket gets one token in as many parts, a step, as it has seconds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line {
    limit: Limit,
    /// Up to here all is gone.
    pub(super) now: i64,
    /// From here on all is yet to come: a bucket that would be full only then is empty.
    pub(super) latest: i64,
    pub(super) step: i64,
    /// What `now` is in epoch seconds.
    time: i64,
}

impl Line {
    pub(super) fn of(limit: Limit, now: i64) -> Self {
        let parts = i64::from(limit.requests);
        let latest = now.saturating_add(i64::from(limit.seconds));
        Self {
            limit,
            now: now.saturating_mul(parts),
            latest: latest.saturating_mul(parts),
            step: i64::from(limit.seconds),
            time: now,
        }
    }

    /// When a bucket is full again that was said to be so then. Of a clock that was set back no harm
    /// comes: no bucket is emptier than empty.
    pub(super) fn full_at(&self, full_at: i64) -> i64 {
        full_at.clamp(self.now, self.latest)
    }

    pub(super) fn standing(&self, full_at: i64) -> Standing {
        Standing {
            limit: self.limit.requests,
            remaining: (self.latest - full_at) / self.step,
            reset: ceil(full_at, i64::from(self.limit.requests)),
        }
    }

    /// The refusal of a bucket that has no token.
    pub(super) fn empty(&self, full_at: i64) -> Empty {
        let wait = full_at + self.step - self.latest;
        let wait = ceil(wait, i64::from(self.limit.requests));
        (self.standing(full_at), wait)
    }

    /// As other processes have to know it.
    pub(super) const fn span(&self) -> Span {
        Span {
            now: self.now,
            latest: self.latest,
            step: self.step,
            time: self.time,
        }
    }
}

/// Divides, rounding up. Neither is negative where this is used.
const fn ceil(number: i64, by: i64) -> i64 {
    number / by + (number % by > 0) as i64
}
