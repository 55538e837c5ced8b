//! What a feed gives of the pages that it reads.

use std::time::Duration;

use tent_flow::Series as _;

use super::{Feed, Round, Walk};
use crate::CallError;
use crate::list::{List, Place};
use crate::page::Page;

/// An item of a feed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Arrival<T, L> {
    /// The item.
    pub item: T,
    /// Where the feed goes on after it.
    pub place: Place<L>,
}

impl<L: List> Feed<L> {
    /// Takes the newest page, from which on everything is new.
    pub(super) fn take_first(
        &mut self,
        latest: u32,
        page: Page<L::Item, L>,
    ) -> Vec<Arrival<L::Item, L>> {
        let mut items = page.items;
        items.retain(|item| L::key(item).is_some());
        items.reverse();
        let older = items.len().saturating_sub(latest as usize);
        if let Some(oldest) = items.first() {
            self.trail.start_at(oldest);
        }
        for item in items.drain(..older) {
            self.trail.pass(&item);
        }
        let given = self.give(items);
        self.trail.started();
        given
    }

    pub(super) fn take_page(
        &mut self,
        mut walk: Box<Walk<L>>,
        answered: Duration,
        page: Page<L::Item, L>,
    ) -> Result<Vec<Arrival<L::Item, L>>, CallError> {
        walk.pages += u32::from(!page.items.is_empty());
        let is_forward = walk.first.goes_forward();
        let items = walk.listing.take(Ok(page))?;
        let mut given = Vec::new();
        if is_forward && !self.newest_first {
            given = self.give(items);
        } else {
            walk.held.extend(items);
        }
        let is_over = walk.listing.is_over();
        if is_over {
            let mut held = std::mem::take(&mut walk.held);
            if !is_forward {
                held.reverse();
            }
            given.extend(self.give(held));
        }
        walk.is_fruitful |= !given.is_empty();
        if is_over {
            self.finish(*walk, answered);
        } else {
            self.round = Round::Walk(walk);
        }
        Ok(given)
    }

    /// Gives those of the items that are new. They come oldest first.
    fn give(&mut self, mut items: Vec<L::Item>) -> Vec<Arrival<L::Item, L>> {
        items.retain(|item| L::key(item).is_some());
        match self.newest_first {
            true => self.trail.pass_newest_first(items),
            false => self.trail.pass_oldest_first(items),
        }
    }

    fn finish(&mut self, walk: Walk<L>, answered: Duration) {
        self.trail.end();
        self.known = walk
            .validator
            .filter(|_| walk.pages <= 1)
            .map(|validator| (walk.first, validator));
        if walk.is_fruitful {
            self.last = Some(answered);
            self.rhythm.came();
        } else {
            self.quiet(walk.asked.unwrap_or_default());
        }
    }
}
