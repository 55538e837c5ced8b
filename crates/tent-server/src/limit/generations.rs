//! What is remembered of callers, for the time of a limit.

use std::collections::HashMap;
use std::mem;

/// How many callers are remembered twice over. When more come within the time of the limit, those that
/// did not come again are forgotten, and begin anew.
pub(super) const REMEMBERED: usize = 65_536;

/// A bucket that was not touched for the whole time of the limit is full. So those of two such times
/// are kept, and the older half goes at once.
#[derive(Debug, Default)]
pub(super) struct Generations<T> {
    pub(super) young: HashMap<u64, T>,
    pub(super) old: HashMap<u64, T>,
    /// When the young ones began to be gathered, in seconds.
    since: i64,
}

impl<T: Default> Generations<T> {
    /// What is known of a caller.
    pub(super) fn of(&mut self, key: u64, now: i64, seconds: i64) -> &mut T {
        let is_time = !(0..seconds).contains(&(now - self.since));
        let is_full = self.young.len() >= REMEMBERED && !self.young.contains_key(&key);
        if is_time || is_full {
            self.old = mem::take(&mut self.young);
            self.since = now;
        }
        let old = &mut self.old;
        let known = self.young.entry(key);
        known.or_insert_with(|| old.remove(&key).unwrap_or_default())
    }
}
