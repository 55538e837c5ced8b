//! Where a list goes on after a page.

use super::super::edge::Edge;
use super::super::{List, MAX_LIMIT, with_limit};
use super::Listing;
use crate::page::Direction;
use crate::{BuildError, CallError};

/// What is to be known of a page that was read.
pub(super) struct Read {
    pub(super) length: usize,
    pub(super) is_linked: bool,
}

impl Read {
    /// The edge of a page whose items are given in the order in which the list is read.
    pub(super) fn edge<L: List>(
        &self,
        asked: &L,
        items: &[L::Item],
        direction: Direction,
    ) -> Edge<L> {
        match self.is_linked {
            true => Edge::Unknown,
            false => Edge::of(asked, items.iter().rev(), direction),
        }
    }

    /// Whether there may be more behind it. Where nothing was asked for, servers have limits of their
    /// own.
    pub(super) fn is_full<L: List>(&self, asked: &L) -> bool {
        let limit = asked.query().limit().unwrap_or(1).min(MAX_LIMIT);
        self.length as u64 >= u64::from(limit)
    }
}

fn is_same_place<L: List>(one: &L, other: &L) -> bool {
    with_limit(one, None) == with_limit(other, None)
}

impl<L: List> Listing<L> {
    /// Where the list goes on after a page that brought something new.
    pub(super) fn after_items(
        &mut self,
        asked: &L,
        edge: Edge<L>,
        plain: Option<L>,
        is_full: bool,
    ) -> Option<L> {
        (self.fruitless, self.mark) = (0, None);
        let was_raised = std::mem::take(&mut self.is_raised);
        let next = match edge {
            Edge::Before {
                list,
                overlap,
                time,
            } => {
                (self.overlap, self.cursor_time) = (overlap, time);
                Some(list)
            }
            // If it is as big as can be, that shows when it comes again with nothing new.
            Edge::OneSecond if is_full => {
                self.is_raised = true;
                return Some(asked.clone());
            }
            Edge::OneSecond | Edge::Unknown => plain.filter(|plain| !is_same_place(plain, asked)),
        };
        match next {
            Some(next) if was_raised => Some(with_limit(&next, self.limit)),
            next => next,
        }
    }

    /// Where the list goes on after a page that brought nothing new.
    pub(super) fn after_nothing(
        &mut self,
        asked: L,
        plain: Option<L>,
        page: &Read,
    ) -> Result<Option<L>, CallError> {
        let Some(plain) = plain.filter(|plain| !is_same_place(plain, &asked)) else {
            return Ok(None);
        };
        let can_be_raised = asked.query().limit().is_none_or(|limit| limit < MAX_LIMIT);
        let is_circle = self
            .mark
            .as_ref()
            .is_some_and(|mark| is_same_place(mark, &plain));
        if can_be_raised && (page.length > 0 || is_circle) {
            (self.fruitless, self.mark) = (0, None);
            self.is_raised = true;
            return Ok(Some(asked));
        }
        if page.is_full(&asked) {
            return Err(self.ties_outgrow(&asked));
        }
        let is_end = page.length > 0 && (self.is_forward || !page.is_linked);
        if is_circle || is_end {
            return Ok(None);
        }
        self.fruitless = self.fruitless.saturating_add(1);
        if self.fruitless.is_power_of_two() {
            self.mark = Some(asked);
        }
        Ok(Some(plain))
    }

    fn ties_outgrow(&self, asked: &L) -> CallError {
        let server = self.session.preferred().ok_or(BuildError::NoServer);
        match server.and_then(|server| asked.request(server)) {
            Ok(request) => CallError::Ties {
                url: Box::new(request.url),
            },
            Err(error) => error.into(),
        }
    }
}
