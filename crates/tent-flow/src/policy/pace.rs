//! Waiting for a turn under a server's limit.

mod window;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::{HeaderMap, StatusCode};

use self::window::{Slot, Verdict, Window};
use super::limits::Said;
use super::{Limits, retry_after};
use crate::{Delivery, Moment};

/// What to do about a server's limit.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[non_exhaustive]
pub enum RateLimit {
    /// Ask at once, and let the caller deal with `429`.
    Throw,
    /// Ask at once while the server lets us, and wait when it says that it was enough.
    #[default]
    Wait,
    /// Spread the requests that are left over what is left of the window, so many times as fast as
    /// evenly; see [`pace`](Self::pace).
    Pace(f64),
}

impl RateLimit {
    /// Spreads requests, a tenth faster than evenly: a caller with pauses uses its limit up, too.
    pub const fn pace() -> Self {
        Self::Pace(1.1)
    }
}

/// What is known of the limit of one server for one credential, and whose turn it is. Clones share it,
/// as threads and tasks do. Nothing is locked while anybody waits.
///
/// A window that is over is over, whatever else was said: then all requests of the limit are there
/// again. Nothing said is no limit.
#[derive(Debug, Clone, Default)]
pub struct Limiter(Arc<Mutex<Window>>);

impl Limiter {
    /// What was said last. A reset may be past by now.
    pub fn limits(&self) -> Limits {
        self.window().limits()
    }

    /// Whether what one learns the other knows.
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Whether anybody else has it.
    pub(super) fn is_shared(&self) -> bool {
        Arc::strong_count(&self.0) > 1
    }

    /// A turn to ask for, for one request.
    pub fn turn(&self) -> Turn {
        Turn {
            limiter: self.clone(),
            stage: Stage::New,
        }
    }

    fn window(&self) -> MutexGuard<'_, Window> {
        // Nothing under the lock can panic halfway.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One request's turn. Dropping it gives back a time that was not used; a request that was under way
/// counts as received.
#[derive(Debug)]
#[must_use]
pub struct Turn {
    limiter: Limiter,
    stage: Stage,
}

#[derive(Debug, Clone, Copy)]
enum Stage {
    New,
    Booked(Slot),
    Sent,
}

impl Turn {
    /// Asks whether the request may go now. Once it may, tell how it went.
    ///
    /// # Errors
    ///
    /// How long to wait before asking again. What was learned meanwhile counts then.
    pub fn ask(&mut self, now: Moment, rule: RateLimit) -> Result<(), Duration> {
        let mut window = self.limiter.window();
        window.turn_over(now);
        let booked = match self.stage {
            Stage::Booked(slot) => Some(slot),
            Stage::New | Stage::Sent => None,
        };
        window.booked -= u64::from(booked.is_some());
        match window.admit(now, rule, booked) {
            Verdict::Go => {
                window.sent += 1;
                self.stage = Stage::Sent;
                Ok(())
            }
            Verdict::Later(slot) => {
                window.booked += 1;
                self.stage = Stage::Booked(slot);
                Err(slot.at - now.mono)
            }
            Verdict::Closed(wait) => {
                self.stage = Stage::New;
                Err(wait)
            }
        }
    }

    /// The server answered. For a `429` it is given back how long the server says to wait, if it does.
    pub fn answered(
        mut self,
        now: Moment,
        status: StatusCode,
        headers: &HeaderMap,
    ) -> Option<Duration> {
        let mut window = self.limiter.window();
        window.sent -= u64::from(matches!(self.stage, Stage::Sent));
        self.stage = Stage::New;
        let said = Said::read(headers, now);
        window.learn(now, said);
        if status != StatusCode::TOO_MANY_REQUESTS {
            return None;
        }
        let until_reset = said.reset.map(|reset| reset.left);
        let wait = retry_after(headers, now).or(until_reset)?;
        let until = now.mono.saturating_add(wait);
        window.closed_until = window.closed_until.max(until);
        Some(wait).filter(|wait| !wait.is_zero())
    }

    /// There was no answer.
    pub fn failed(mut self, delivery: Delivery) {
        if delivery == Delivery::NotSent && matches!(self.stage, Stage::Sent) {
            self.limiter.window().sent -= 1;
            self.stage = Stage::New;
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        match self.stage {
            Stage::New => {}
            Stage::Booked(slot) => {
                let mut window = self.limiter.window();
                window.booked -= 1;
                // The time is there for the next one, unless somebody booked the one after it.
                if window.next == slot.next {
                    window.next = slot.at;
                }
            }
            Stage::Sent => {
                let mut window = self.limiter.window();
                window.sent -= 1;
                window.count_one();
            }
        }
    }
}

#[cfg(test)]
mod day;
#[cfg(test)]
mod tests;
