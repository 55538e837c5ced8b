//! Slowing down those who guess the passphrase.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use crate::limit::network;

/// Failures that cost nothing: people mistype.
const FREE: u32 = 3;
/// How long the longest wait is, in seconds.
const LONGEST: i64 = 60;
/// After how many seconds without a failure all is forgotten.
const FORGOTTEN: i64 = 900;
/// How many guessers are remembered. Beyond, the one that waited longest is forgotten.
const REMEMBERED: usize = 10_000;

/// Whom attempts are counted for.
///
/// A browser in which the owner signed in before counts by itself, so that strangers who fail, from
/// the owner's own address or through the same proxy, cannot keep the owner out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Guesser {
    Browser([u8; 32]),
    Address(IpAddr),
    /// The address is not known: all strangers are one.
    Stranger,
}

impl Guesser {
    /// A stranger by address.
    pub(crate) fn address(address: Option<IpAddr>) -> Self {
        address.map_or(Self::Stranger, |address| Self::Address(network(address)))
    }
}

#[derive(Debug, Default)]
pub(crate) struct Attempts(Mutex<HashMap<Guesser, Failures>>);

#[derive(Debug, Default, Clone, Copy)]
struct Failures {
    count: u32,
    last: i64,
}

impl Failures {
    /// When the next attempt may be made.
    const fn until(self) -> i64 {
        match self.count.checked_sub(FREE) {
            None => self.last,
            Some(beyond) if beyond < 6 => self.last + (1 << beyond),
            Some(_) => self.last + LONGEST,
        }
    }
}

impl Attempts {
    /// Begins an attempt. It counts as failed from the start, so that many at once gain nothing;
    /// [`succeeded`](Self::succeeded) takes it back.
    ///
    /// # Errors
    ///
    /// How many seconds there are to wait first.
    pub(crate) fn begin(&self, guesser: Guesser, now: i64) -> Result<(), i64> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= REMEMBERED && !all.contains_key(&guesser) {
            all.retain(|_, failures| now - failures.last < FORGOTTEN);
            let oldest = all
                .iter()
                .min_by_key(|(_, failures)| failures.last)
                .map(|(guesser, _)| *guesser);
            if let Some(oldest) = oldest.filter(|_| all.len() >= REMEMBERED) {
                all.remove(&oldest);
            }
        }
        let failures = all.entry(guesser).or_default();
        if now - failures.last >= FORGOTTEN {
            *failures = Failures::default();
        }
        let wait = failures.until() - now;
        if failures.count > 0 && wait > 0 {
            return Err(wait);
        }
        *failures = Failures {
            count: failures.count.saturating_add(1),
            last: now,
        };
        Ok(())
    }

    pub(crate) fn succeeded(&self, guesser: Guesser) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&guesser);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STRANGER: Guesser = Guesser::Stranger;

    #[test]
    fn waits_grow_have_an_end_and_are_forgotten() {
        let attempts = Attempts::default();
        let mut now = 1_000;
        for _ in 0..FREE {
            assert_eq!(attempts.begin(STRANGER, now), Ok(()));
        }
        for wait in [1, 2, 4, 8, 16, 32, 60, 60] {
            assert_eq!(attempts.begin(STRANGER, now), Err(wait));
            now += wait;
            assert_eq!(attempts.begin(STRANGER, now), Ok(()));
        }
        assert_eq!(attempts.begin(STRANGER, now + FORGOTTEN), Ok(()));
        assert_eq!(
            attempts.begin(STRANGER, now + FORGOTTEN),
            Ok(()),
            "the count began anew"
        );
    }

    #[test]
    fn others_do_not_wait_and_success_clears() {
        let attempts = Attempts::default();
        for _ in 0..FREE {
            attempts.begin(STRANGER, 5).unwrap();
        }
        assert!(attempts.begin(STRANGER, 5).is_err());
        assert_eq!(attempts.begin(Guesser::Browser([1; 32]), 5), Ok(()));
        attempts.succeeded(STRANGER);
        assert_eq!(attempts.begin(STRANGER, 5), Ok(()));
    }

    #[test]
    fn only_so_many_are_remembered() {
        let attempts = Attempts::default();
        for number in 0..REMEMBERED + 5 {
            let number = u32::try_from(number).unwrap();
            attempts
                .begin(
                    Guesser::Address(IpAddr::V4(number.into())),
                    5 + i64::from(number),
                )
                .ok();
        }
        assert!(attempts.0.lock().unwrap().len() <= REMEMBERED);
    }
}
