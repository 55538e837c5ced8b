//! When requests are due: at a steady rate, whatever became of those before.

use std::time::Duration;

/// The times of requests since the beginning.
#[derive(Debug, Clone)]
pub(crate) struct Arrivals {
    /// In requests a second.
    rate: f64,
    count: u64,
    next: u64,
}

impl Arrivals {
    /// So many requests a second, for so long.
    pub(crate) fn steady(rate: f64, time: Duration) -> Self {
        Self {
            rate,
            count: (rate * time.as_secs_f64()) as u64,
            next: 0,
        }
    }
}

impl Iterator for Arrivals {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        if self.next == self.count {
            return None;
        }
        let at = Duration::from_secs_f64(self.next as f64 / self.rate);
        self.next += 1;
        Some(at)
    }
}

/// A number that looks like chance, the same in every run (splitmix64).
pub(crate) fn scattered(number: u64) -> u64 {
    let number = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_spread_evenly() {
        let arrivals: Vec<_> = Arrivals::steady(4.0, Duration::from_secs(2)).collect();
        let expected: Vec<_> = (0..8).map(|n| Duration::from_millis(250 * n)).collect();
        assert_eq!(arrivals, expected);
    }

    #[test]
    fn scattered_numbers_differ() {
        let numbers: std::collections::BTreeSet<_> = (0..1_000).map(scattered).collect();
        assert_eq!(numbers.len(), 1_000);
        let low = numbers
            .iter()
            .filter(|&&number| number < u64::MAX / 2)
            .count();
        assert!((400..600).contains(&low), "{low}");
    }
}
