//! How long answers took, from when the request was due.
//!
//! A request that is sent late, since the ones before it took long, counts from when it should have
//! been sent: so a server that stalls is seen to stall, for all who would have asked meanwhile.

use std::fmt;
use std::time::Duration;

use hdrhistogram::Histogram;

/// The latencies of one kind of request.
#[derive(Debug, Clone)]
pub(crate) struct Latencies {
    /// In microseconds, up to an hour, to three digits.
    answered: Histogram<u64>,
    pub(crate) failed: u64,
}

impl Latencies {
    pub(crate) fn new() -> Self {
        Self {
            answered: Histogram::new_with_bounds(1, 3_600_000_000, 3)
                .expect("the bounds are right"),
            failed: 0,
        }
    }

    pub(crate) fn record(&mut self, took: Duration) {
        self.answered.saturating_record(micros(took));
    }

    /// How many were answered.
    pub(crate) fn answered(&self) -> u64 {
        self.answered.len()
    }

    /// So much of them took at most so long.
    pub(crate) fn at(&self, quantile: f64) -> Duration {
        Duration::from_micros(self.answered.value_at_quantile(quantile))
    }

    fn most(&self) -> Duration {
        Duration::from_micros(self.answered.max())
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

/// A row of a table: counts, and milliseconds.
impl fmt::Display for Latencies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:>8} | {:>6}", self.answered(), self.failed)?;
        for quantile in [0.5, 0.9, 0.99, 0.999] {
            write!(f, " | {:>8.2}", self.at(quantile).as_secs_f64() * 1e3)?;
        }
        write!(f, " | {:>8.2}", self.most().as_secs_f64() * 1e3)
    }
}

/// The head of a table whose rows are [`Latencies`].
pub(crate) const HEAD: &str = "\
|          | answered | failed |  50 % ms |  90 % ms |  99 % ms | 99.9 % ms |   all ms |
|----------|---------:|-------:|---------:|---------:|---------:|----------:|---------:|";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_what_was_recorded() {
        let mut some = Latencies::new();
        (1..=100).for_each(|n| some.record(Duration::from_millis(n)));
        assert_eq!(some.answered(), 100);
        for (quantile, millis) in [(0.5, 50), (0.99, 99), (1.0, 100)] {
            let off = some.at(quantile).as_millis().abs_diff(millis);
            assert!(off <= 1, "{quantile}: {:?}", some.at(quantile));
        }
    }
}
