//! Slowing down those who guess the passphrase.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use crate::limit::network;
use crate::secret;
use crate::storage::{Processes, StorageError};

/// Failures that cost nothing: people mistype.
const FREE: u32 = 3;
/// How long the longest wait is, in seconds.
const LONGEST: i64 = 60;
/// After how many seconds without a failure all is forgotten.
pub(crate) const FORGOTTEN: i64 = 900;
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

    /// What it is called in the database.
    fn digest(self) -> [u8; 32] {
        match self {
            Self::Browser(hash) => secret::hash(&format!("browser {hash:?}")),
            Self::Address(address) => secret::hash(&format!("address {address}")),
            Self::Stranger => secret::hash("stranger"),
        }
    }
}

#[derive(Debug)]
pub(crate) enum Attempts {
    Here(Mutex<HashMap<Guesser, Failures>>),
    /// Whichever process they were made at.
    Shared(Arc<dyn Processes>),
}

#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Failures {
    pub(crate) count: u32,
    pub(crate) last: i64,
}

impl Failures {
    /// Begins an attempt, which counts as failed.
    ///
    /// # Errors
    ///
    /// How many seconds there are to wait first.
    pub(crate) fn one_more(self, now: i64) -> Result<Self, i64> {
        let before = match now - self.last < FORGOTTEN {
            true => self,
            false => Self::default(),
        };
        let wait = before.until() - now;
        if before.count > 0 && wait > 0 {
            return Err(wait);
        }
        Ok(Self {
            count: before.count.saturating_add(1),
            last: now,
        })
    }

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
    pub(crate) fn new(processes: Option<&Arc<dyn Processes>>) -> Self {
        processes.map_or_else(
            || Self::Here(Mutex::default()),
            |processes| Self::Shared(Arc::clone(processes)),
        )
    }

    /// Begins an attempt, or says how many seconds there are to wait first. It counts as failed from the
    /// start, so that many at once gain nothing; [`succeeded`](Self::succeeded) takes it back.
    pub(crate) async fn begin(
        &self,
        guesser: Guesser,
        now: i64,
    ) -> Result<Result<(), i64>, StorageError> {
        match self {
            Self::Here(all) => {
                let mut all = all.lock().unwrap_or_else(PoisonError::into_inner);
                Ok(begin(&mut all, guesser, now))
            }
            Self::Shared(processes) => processes.begin_attempt(guesser.digest(), now).await,
        }
    }

    pub(crate) async fn succeeded(&self, guesser: Guesser) -> Result<(), StorageError> {
        match self {
            Self::Here(all) => {
                let mut all = all.lock().unwrap_or_else(PoisonError::into_inner);
                all.remove(&guesser);
                Ok(())
            }
            Self::Shared(processes) => processes.end_attempts(guesser.digest()).await,
        }
    }
}

fn begin(all: &mut HashMap<Guesser, Failures>, guesser: Guesser, now: i64) -> Result<(), i64> {
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
    *failures = failures.one_more(now)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const STRANGER: Guesser = Guesser::Stranger;

    #[test]
    fn waits_grow_have_an_end_and_are_forgotten() {
        let mut attempts = HashMap::new();
        let mut now = 1_000;
        for _ in 0..FREE {
            assert_eq!(begin(&mut attempts, STRANGER, now), Ok(()));
        }
        for wait in [1, 2, 4, 8, 16, 32, 60, 60] {
            assert_eq!(begin(&mut attempts, STRANGER, now), Err(wait));
            now += wait;
            assert_eq!(begin(&mut attempts, STRANGER, now), Ok(()));
        }
        assert_eq!(begin(&mut attempts, STRANGER, now + FORGOTTEN), Ok(()));
        assert_eq!(
            begin(&mut attempts, STRANGER, now + FORGOTTEN),
            Ok(()),
            "the count began anew"
        );
    }

    #[test]
    fn others_do_not_wait_and_success_clears() {
        let mut attempts = HashMap::new();
        for _ in 0..FREE {
            begin(&mut attempts, STRANGER, 5).unwrap();
        }
        assert!(begin(&mut attempts, STRANGER, 5).is_err());
        assert_eq!(begin(&mut attempts, Guesser::Browser([1; 32]), 5), Ok(()));
        attempts.remove(&STRANGER);
        assert_eq!(begin(&mut attempts, STRANGER, 5), Ok(()));
    }

    #[test]
    fn only_so_many_are_remembered() {
        let mut attempts = HashMap::new();
        for number in 0..REMEMBERED + 5 {
            let number = u32::try_from(number).unwrap();
            let guesser = Guesser::Address(IpAddr::V4(number.into()));
            begin(&mut attempts, guesser, 5 + i64::from(number)).ok();
        }
        assert!(attempts.len() <= REMEMBERED);
    }
}
