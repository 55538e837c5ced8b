//! The window of timestamps, and the memory of nonces within it.

use std::collections::hash_map::RandomState;
use std::collections::{BTreeMap, HashSet};
use std::hash::BuildHasher;
use std::sync::{Mutex, PoisonError};

use crate::storage::Stamp;

/// How far the timestamp of a signed request may lie from the server's clock, to either side, in
/// seconds.
///
/// Source: draft-ietf-oauth-v2-http-mac-01 §4.1; `docs/protocol.md` §5.3.
pub const WINDOW: i64 = 600;

pub(crate) const fn is_within_window(timestamp: i64, now: i64) -> bool {
    now.abs_diff(timestamp) <= WINDOW.unsigned_abs()
}

/// The nonces of signed reads, as long as their timestamps are within the window.
///
/// They are in memory alone: to read twice what a restart lies between does no harm. Those of writes
/// are stored with the write.
#[derive(Debug, Default)]
pub(crate) struct NonceMemory {
    hashers: [RandomState; 2],
    /// By the minute of their timestamp, so that a minute can be forgotten at once.
    minutes: Mutex<BTreeMap<i64, HashSet<[u64; 2]>>>,
}

impl NonceMemory {
    /// Remembers a stamp whose timestamp is within the window. `false` when it was there already.
    pub(crate) fn remember(&self, stamp: &Stamp, now: i64) -> bool {
        let Stamp {
            mac_id,
            timestamp,
            nonce,
        } = stamp;
        // Two hashes with secret keys take sixteen bytes, however long id and nonce are.
        let key = self
            .hashers
            .each_ref()
            .map(|hasher| hasher.hash_one((mac_id, timestamp, nonce)));
        let mut minutes = self.minutes.lock().unwrap_or_else(PoisonError::into_inner);
        let oldest = (now - WINDOW).div_euclid(60);
        while minutes
            .first_key_value()
            .is_some_and(|(minute, _)| *minute < oldest)
        {
            minutes.pop_first();
        }
        minutes
            .entry(timestamp.div_euclid(60))
            .or_default()
            .insert(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamp(timestamp: i64, nonce: &str) -> Stamp {
        Stamp {
            mac_id: "u:1".into(),
            timestamp,
            nonce: nonce.into(),
        }
    }

    #[test]
    fn a_stamp_is_remembered_as_long_as_it_could_be_accepted_and_no_longer() {
        let memory = NonceMemory::default();
        let first = stamp(10_000, "a");
        assert!(memory.remember(&first, 10_000));
        assert!(!memory.remember(&first, 10_000));
        assert!(memory.remember(&stamp(10_000, "b"), 10_000));
        assert!(memory.remember(&stamp(10_001, "a"), 10_000));
        assert!(
            !memory.remember(&first, 10_000 + WINDOW),
            "still within the window"
        );

        assert!(!is_within_window(10_000, 10_000 + WINDOW + 60));
        memory.remember(&stamp(10_700, "c"), 10_000 + WINDOW + 60);
        assert_eq!(
            memory.minutes.lock().unwrap().len(),
            1,
            "what cannot be accepted is forgotten"
        );
    }
}
