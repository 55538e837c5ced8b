//! The newest item of a list that is read towards the older ones.

use super::{Key, List, Place, with_limit};
use crate::Timestamp;
use crate::page::Direction;

/// The newest item, and those that come again with what is newer.
#[derive(Debug)]
pub(super) struct Newest<L> {
    /// What is newer.
    list: L,
    time: Option<Timestamp>,
    /// The time of the item that the list begins beyond, where that is an older one.
    cursor_time: Option<Timestamp>,
    ties: Vec<Key>,
    /// Whether all of those were seen.
    is_settled: bool,
}

impl<L: List> Newest<L> {
    /// The item with which a list begins.
    pub(super) fn of(list: &L, item: &L::Item) -> Option<Self> {
        Some(Self {
            list: list.beyond(item, Direction::Newer)?,
            time: list.time(item),
            cursor_time: None,
            ties: Vec::new(),
            is_settled: !L::HAS_TIES,
        })
    }

    /// Notes an item, the newest one included. In a list without links, what is newer begins beyond
    /// the second of the newest, as [`Edge`](super::edge::Edge) says.
    pub(super) fn note(&mut self, list: &L, item: &L::Item, is_linked: bool) {
        if self.is_settled {
            return;
        }
        let time = list.time(item);
        let is_first_before = time != self.time && self.cursor_time.is_none() && !is_linked;
        if is_first_before && let Some(beyond) = list.beyond(item, Direction::Newer) {
            (self.list, self.cursor_time) = (beyond, time);
        }
        if time == self.time || (time.is_some() && time == self.cursor_time) {
            self.ties.extend(L::key(item));
        } else {
            self.is_settled = true;
        }
    }

    /// Where no item says its time, those of the first page have to do.
    pub(super) fn end_page(&mut self) {
        self.is_settled |= self.time.is_none();
    }

    /// The place of what is newer.
    pub(super) fn newer(&self, limit: Option<u32>) -> Place<L> {
        Place::beyond(with_limit(&self.list, limit), self.ties.clone())
    }
}
