//! Time as an argument.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The time of one step, read by the driver, so that a flow needs no clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_structs,
    reason = "two clocks are all there is to a moment"
)]
pub struct Moment {
    /// The time of day, which may jump when somebody sets the clock. For timestamps.
    pub wall: SystemTime,
    /// Time since some fixed moment of this process, which never goes back. For intervals.
    pub mono: Duration,
}

impl Moment {
    /// The moment at which `wall` is this many seconds after the Unix epoch and `mono` is zero.
    ///
    /// ```
    /// use tent_flow::Moment;
    ///
    /// assert_eq!(Moment::at_epoch_seconds(1356998400).epoch_seconds(), 1356998400);
    /// ```
    pub fn at_epoch_seconds(seconds: u64) -> Self {
        Self {
            wall: UNIX_EPOCH + Duration::from_secs(seconds),
            mono: Duration::ZERO,
        }
    }

    /// The time of day in whole seconds since the Unix epoch; 0 when the clock stands before it.
    pub fn epoch_seconds(&self) -> u64 {
        self.wall
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| since.as_secs())
    }

    /// The moment this much later on both clocks.
    #[must_use]
    pub fn after(self, time: Duration) -> Self {
        Self {
            wall: self.wall + time,
            mono: self.mono + time,
        }
    }
}
