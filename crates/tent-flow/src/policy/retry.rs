//! Trying again.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::Moment;

/// How often, how soon and for how long to try again after a failure that may pass.
///
/// The waits grow exponentially, with full jitter: each is anything between nothing and twice what the
/// one before could be, so that clients that failed together do not come back together.
///
/// By default it tries twice more, and not beyond a minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retry {
    times: u32,
    first: Duration,
    most: Duration,
    budget: Duration,
}

impl Retry {
    /// Never again.
    pub const fn never() -> Self {
        Self::times(0)
    }

    /// At most so many times after the first.
    pub const fn times(times: u32) -> Self {
        Self {
            times,
            first: Duration::from_millis(500),
            most: Duration::from_secs(20),
            budget: Duration::from_secs(60),
        }
    }

    /// Sets the longest first wait, half a second by default, and the longest of all, by default 20.
    #[must_use]
    pub const fn with_waits(mut self, first: Duration, most: Duration) -> Self {
        self.first = first;
        self.most = most;
        self
    }

    /// Sets for how long after the first attempt another one may begin, a minute by default.
    #[must_use]
    pub const fn with_budget(mut self, budget: Duration) -> Self {
        self.budget = budget;
        self
    }

    /// How often at most.
    pub const fn most_times(&self) -> u32 {
        self.times
    }

    /// How long to wait before trying again, or `None` when the budget is spent: `again` times was
    /// tried again already, the first attempt began `elapsed` ago, and the server asked for a wait of
    /// at least `asked`.
    pub fn wait(
        &self,
        again: u32,
        elapsed: Duration,
        asked: Option<Duration>,
        random: u64,
    ) -> Option<Duration> {
        if again >= self.times {
            return None;
        }
        let wait = self.back_off(again, random).max(asked.unwrap_or_default());
        (elapsed.saturating_add(wait) <= self.budget).then_some(wait)
    }

    /// A wait with full jitter, whatever the budget: between nothing and `first · 2^again`, and at most
    /// the longest of all.
    pub fn back_off(&self, again: u32, random: u64) -> Duration {
        let factor = 1_u32.checked_shl(again).unwrap_or(u32::MAX);
        let most = self.first.saturating_mul(factor).min(self.most);
        let share = random as f64 / u64::MAX as f64;
        Duration::try_from_secs_f64(most.as_secs_f64() * share).map_or(most, |wait| wait.min(most))
    }
}

impl Default for Retry {
    fn default() -> Self {
        Self::times(2)
    }
}

/// Random numbers for waits, which need to differ and need not be secret. Threads can share one.
///
/// The time goes in too, so that even without a seed two machines wait differently.
#[derive(Debug, Default)]
pub struct Jitter(AtomicU64);

impl Jitter {
    /// Numbers from this seed.
    pub const fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }

    /// The next number. By SplitMix64 (Steele, Lea and Flood, 2014).
    pub fn next(&self, now: Moment) -> u64 {
        const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
        let state = self.0.fetch_add(STEP, Ordering::Relaxed);
        let wall = now.wall.duration_since(std::time::UNIX_EPOCH);
        let time = wall.map_or(0, |time| time.as_nanos() as u64);
        let mut number = state.wrapping_add(STEP) ^ time;
        number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        number ^ (number >> 31)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    proptest! {
        #[test]
        fn jitter_stays_within_its_bounds(again in 0_u32..200, random: u64) {
            let retry = Retry::times(200).with_waits(SECOND, 20 * SECOND);
            let wait = retry.back_off(again, random);
            let most = 2_f64.powi(again.min(10) as i32).min(20.0);
            prop_assert!(wait <= Duration::from_secs_f64(most), "{wait:?}");
        }

        #[test]
        fn no_attempt_begins_beyond_the_budget(
            again in 0_u32..9, elapsed in 0_u64..100, asked in proptest::option::of(0_u64..100), random: u64,
        ) {
            let (elapsed, asked) = (elapsed as u32 * SECOND, asked.map(Duration::from_secs));
            let retry = Retry::times(5);
            if let Some(wait) = retry.wait(again, elapsed, asked, random) {
                prop_assert!(again < 5 && elapsed + wait <= 60 * SECOND && wait >= asked.unwrap_or_default());
            } else {
                let least = asked.unwrap_or_default();
                prop_assert!(again >= 5 || elapsed + least.max(20 * SECOND) > 60 * SECOND);
            }
        }
    }

    #[test]
    fn waits_fill_their_range_and_double() {
        let retry = Retry::times(9);
        assert_eq!(retry.back_off(0, u64::MAX), SECOND / 2);
        assert_eq!(retry.back_off(3, u64::MAX), 4 * SECOND);
        assert_eq!(retry.back_off(99, u64::MAX), 20 * SECOND);
        assert_eq!(retry.back_off(9, 0), Duration::ZERO);
        let now = Moment::at_epoch_seconds(1_356_998_400);
        let jitter = Jitter::new(7);
        let waits: Vec<_> = (0..1000)
            .map(|_| retry.back_off(1, jitter.next(now)).as_secs_f64())
            .collect();
        let mean = waits.iter().sum::<f64>() / 1000.0;
        assert!((0.45..0.55).contains(&mean), "{mean}");
        assert!(waits.iter().any(|wait| *wait < 0.02) && waits.iter().any(|wait| *wait > 0.98));
    }

    #[test]
    fn seeds_and_moments_give_other_numbers() {
        let now = Moment::at_epoch_seconds(1);
        let first = |seed, now| Jitter::new(seed).next(now);
        assert_ne!(first(1, now), first(2, now));
        assert_ne!(first(1, now), first(1, now.after(SECOND)));
        assert_eq!(first(1, now), first(1, now));
    }
}
