//! The items that a list has given.

use std::collections::BTreeMap;
use std::fmt;
use std::mem;
use std::str::FromStr;

use sha2::{Digest as _, Sha256};

use crate::Timestamp;

/// What tells an item of a list from others: the first 64 bits of a digest of its names. Its text is
/// 16 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(u64);

impl Key {
    /// The key of the item that has these names.
    pub fn of<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        let mut digest = Sha256::new();
        for name in names {
            digest.update(name);
            digest.update([0]);
        }
        let digest = digest.finalize();
        let bits = digest.iter().take(8);
        Self(bits.fold(0, |bits, byte| bits << 8 | u64::from(*byte)))
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl FromStr for Key {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        u64::from_str_radix(text, 16).map(Self)
    }
}

/// The keys and times of the last items, of more than the longest page and less than four such pages:
/// those that can come again.
#[derive(Debug)]
pub(super) struct Seen {
    recent: BTreeMap<Key, Option<Timestamp>>,
    earlier: BTreeMap<Key, Option<Timestamp>>,
    bounds: Vec<Key>,
    longest: usize,
}

impl Seen {
    /// Those that were given, and those that bound the list, which are never forgotten.
    pub(super) fn new(given: Vec<Key>, bounds: Vec<Key>) -> Self {
        Self {
            recent: BTreeMap::new(),
            longest: given.len(),
            earlier: given.into_iter().map(|key| (key, None)).collect(),
            bounds,
        }
    }

    /// Notes an item, and says whether it came for the first time.
    pub(super) fn is_new(&mut self, key: Key, time: Option<Timestamp>) -> bool {
        let is_new = !self.recent.contains_key(&key)
            && !self.earlier.contains_key(&key)
            && !self.bounds.contains(&key);
        if is_new {
            self.recent.insert(key, time);
        }
        is_new
    }

    /// Forgets what lies too far back, after a page of so many items.
    pub(super) fn turn_page(&mut self, length: usize) {
        self.longest = self.longest.max(length);
        if self.recent.len() > self.longest {
            self.earlier = mem::take(&mut self.recent);
        }
    }

    /// Those of some times, and those of which it is not known.
    pub(super) fn at(&self, times: &[Option<Timestamp>]) -> Vec<Key> {
        let all = self.earlier.iter().chain(&self.recent);
        let wanted = all.filter(|(_, time)| time.is_none() || times.contains(time));
        wanted.map(|(key, _)| *key).collect()
    }

    /// All of them.
    pub(super) fn all(&self) -> Vec<Key> {
        self.earlier
            .keys()
            .chain(self.recent.keys())
            .copied()
            .collect()
    }
}
