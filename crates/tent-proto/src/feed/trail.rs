//! How far a feed was read.

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

use super::Arrival;
use crate::Timestamp;
use crate::list::{Key, List, Place};
use crate::page::Direction;

/// For how long something older than the newest item may still appear.
pub(super) const OVERLAP: Duration = Duration::from_secs(10);

/// How many items are remembered at most, however many come within that time.
const MOST: usize = 200;

/// A list of what is newer than some item, and which items of it were given.
#[derive(Debug)]
pub(super) struct Trail<L> {
    base: L,
    /// The items of the second of the one that the list begins beyond: servers may take them for newer.
    ties: BTreeSet<Key>,
    second: Option<Timestamp>,
    /// What was given when the program ended, and is of the list or of that second, which is not known,
    /// until the list was left by more than a second.
    stored: BTreeSet<Key>,
    is_stored_past: bool,
    /// What was given before this walk began.
    given: BTreeSet<Key>,
    /// What was passed in this walk, oldest first, and lies in the list.
    passed: VecDeque<Passed<L>>,
    keys: BTreeSet<Key>,
    /// The time of the newest item, and of the newest that was there before this walk began.
    newest: Option<Timestamp>,
    horizon: Option<Timestamp>,
}

#[derive(Debug)]
struct Passed<L> {
    key: Key,
    time: Option<Timestamp>,
    /// What is newer than it.
    newer: L,
}

impl<L: List> Trail<L> {
    pub(super) fn new(base: L, stored: Vec<Key>) -> Self {
        Self {
            base,
            ties: BTreeSet::new(),
            second: None,
            stored: stored.into_iter().collect(),
            is_stored_past: false,
            given: BTreeSet::new(),
            passed: VecDeque::new(),
            keys: BTreeSet::new(),
            newest: None,
            horizon: None,
        }
    }

    /// The list of what may be new.
    pub(super) const fn base(&self) -> &L {
        &self.base
    }

    /// Nothing older than this item is of interest.
    pub(super) fn start_at(&mut self, oldest: &L::Item) {
        if let Some(newer) = self.newer(oldest) {
            self.second = self.base.time(oldest);
            self.base = newer;
        }
    }

    /// What was passed so far counts as stored, since the list begins among it.
    pub(super) fn started(&mut self) {
        self.stored.append(&mut self.keys);
    }

    /// Everything that lies in the list is passed from now on, given or not.
    pub(super) fn begin(&mut self) {
        self.passed.clear();
        self.given.append(&mut self.keys);
        self.horizon = self.newest;
    }

    /// Everything was passed. What was given and did not come again does not exist any more.
    pub(super) fn end(&mut self) {
        self.given.clear();
        if self.is_stored_past {
            self.stored.clear();
        }
    }

    /// Nothing older than the newest item appears any more.
    pub(super) fn settle(&mut self) {
        while let Some(oldest) = self.passed.pop_front() {
            self.leave(oldest);
        }
    }

    /// Passes an item, and says whether it is new. The list does not yet begin beyond what something
    /// could have appeared before since the walk began.
    pub(super) fn pass(&mut self, item: &L::Item) -> bool {
        let (Some(key), Some(newer)) = (L::key(item), self.newer(item)) else {
            return false;
        };
        let is_new = !self.known().any(|known| known.contains(&key));
        let time = self.base.time(item);
        self.keys.insert(key);
        self.passed.push_back(Passed { key, time, newer });
        self.newest = self.newest.max(time);
        let horizon = self.horizon;
        let is_left = |oldest: &Passed<L>, count| count > MOST || is_past(oldest.time, horizon);
        while let Some(oldest) = self.passed.front()
            && is_left(oldest, self.passed.len())
        {
            if let Some(oldest) = self.passed.pop_front() {
                self.leave(oldest);
            }
        }
        is_new
    }

    /// Begins the list beyond this item.
    fn leave(&mut self, oldest: Passed<L>) {
        if oldest.time.is_none() || oldest.time != self.second {
            self.is_stored_past |= self.second.is_some();
            self.ties.clear();
        }
        self.keys.remove(&oldest.key);
        self.ties.insert(oldest.key);
        self.second = oldest.time;
        self.base = oldest.newer;
    }

    fn known(&self) -> impl Iterator<Item = &BTreeSet<Key>> {
        [&self.ties, &self.stored, &self.given, &self.keys].into_iter()
    }

    fn place(&self) -> Place<L> {
        let keys: BTreeSet<_> = self.known().flatten().copied().collect();
        Place::beyond(self.base.clone(), keys.into_iter().collect())
    }

    /// Passes items, and gives those that are new.
    pub(super) fn pass_oldest_first(&mut self, items: Vec<L::Item>) -> Vec<Arrival<L::Item, L>> {
        let mut given = Vec::new();
        for item in items {
            if self.pass(&item) {
                given.push(Arrival {
                    item,
                    place: self.place(),
                });
            }
        }
        given
    }

    /// The same, with the newest first: until the last of them, the list stays, and those that were given
    /// are noted with it.
    pub(super) fn pass_newest_first(&mut self, items: Vec<L::Item>) -> Vec<Arrival<L::Item, L>> {
        let before = self.place();
        let news: Vec<_> = items.iter().map(|item| self.pass(item)).collect();
        let (list, mut seen) = before.into_parts();
        let items = items.into_iter().zip(news).rev();
        let mut given: Vec<_> = items
            .filter(|(_, is_new)| *is_new)
            .map(|(item, _)| {
                seen.extend(L::key(&item));
                let place = Place::beyond(list.clone(), seen.clone());
                Arrival { item, place }
            })
            .collect();
        if let Some(last) = given.last_mut() {
            last.place = self.place();
        }
        given
    }

    fn newer(&self, item: &L::Item) -> Option<L> {
        self.base.beyond(item, Direction::Newer)
    }
}

/// Whether nothing appears any more that is next to an item of this time, when there is one of that.
fn is_past(time: Option<Timestamp>, newest: Option<Timestamp>) -> bool {
    let (Some(time), Some(newest)) = (time, newest) else {
        return false;
    };
    let seconds = newest.epoch_seconds().saturating_sub(time.epoch_seconds());
    u64::try_from(seconds).is_ok_and(|seconds| seconds > OVERLAP.as_secs())
}
