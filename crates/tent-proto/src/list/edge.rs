//! The edges of pages that have no links.

use super::List;
use crate::Timestamp;
use crate::page::Direction;

/// Where a list goes on from a page that has no links, so that nothing is lost of the second in which
/// the page ends: its server may take "older" for "of an earlier second".
#[derive(Debug)]
pub(super) enum Edge<L> {
    /// From an item before that second, of this time: so many items come again.
    Before {
        list: L,
        overlap: u32,
        time: Option<Timestamp>,
    },
    /// The page is of one second.
    OneSecond,
    /// The items do not say their second, or there are no items.
    Unknown,
}

impl<L: List> Edge<L> {
    /// The edge of a page whose items are given from there on inward.
    pub(super) fn of<'a>(
        list: &L,
        inward: impl Iterator<Item = &'a L::Item>,
        direction: Direction,
    ) -> Self {
        let mut inward = inward.peekable();
        let Some(second) = inward.peek().and_then(|item| list.time(item)) else {
            return Self::Unknown;
        };
        let mut overlap = 0;
        for item in inward {
            match list.time(item) {
                Some(time) if time == second => overlap += 1,
                time => {
                    let list = list.beyond(item, direction);
                    return list.map_or(Self::Unknown, |list| Self::Before {
                        list,
                        overlap,
                        time,
                    });
                }
            }
        }
        Self::OneSecond
    }

    /// From where the whole of that second comes again, if that is known.
    pub(super) fn again(&self, asked: &L) -> Option<L> {
        match self {
            Self::Before { list, .. } => Some(list.clone()),
            Self::OneSecond => Some(asked.clone()),
            Self::Unknown => None,
        }
    }
}
