//! Lists that come in pages, as series.

use std::collections::BTreeSet;
use std::mem;

use tent_flow::Series;

use crate::call::Call;
use crate::page::Page;
use crate::{CallError, Exchange, Session};

/// How many items back an item that comes again is recognised, at least: five full pages.
const REMEMBERED: usize = 1000;

/// A call that reads one page of a list.
pub trait List: Call<Answer = Page<Self::Item, Self>> + Clone + PartialEq {
    /// What the list holds.
    type Item: Send + 'static;
    /// What tells two items apart.
    type Key: Ord + Send + 'static;

    /// What tells the item from others, if it has it.
    fn key(item: &Self::Item) -> Option<Self::Key>;

    /// Whether the list goes on by its previous pages, since it asks for what is newer than some item.
    fn goes_forward(&self) -> bool;
}

/// The items of a list, page after page, each once, in the order of the list; or, when it asks for
/// what is newer than some item, oldest first. What a driver's `items` takes.
///
/// It ends when there is no next page, or when a page brings nothing new and leads nowhere new.
///
/// Source: `docs/protocol.md` §6.0.1 and §6.6.2.
#[derive(Debug)]
pub struct Listing<L: List> {
    session: Session,
    next: Option<L>,
    asked: Option<L>,
    forward: bool,
    recent: BTreeSet<L::Key>,
    earlier: BTreeSet<L::Key>,
}

impl<L: List> Listing<L> {
    /// The items of this list.
    pub fn new(session: Session, list: L) -> Self {
        Self {
            session,
            forward: list.goes_forward(),
            next: Some(list),
            asked: None,
            recent: BTreeSet::new(),
            earlier: BTreeSet::new(),
        }
    }

    /// Where the list goes on: what [`new`](Self::new) needs to go on from there later. `None` when
    /// it is over.
    pub const fn rest(&self) -> Option<&L> {
        self.next.as_ref()
    }

    /// Notes an item, and says whether it came for the first time. Items of one second can come again
    /// on the next page.
    fn is_new(&mut self, item: &L::Item) -> bool {
        let Some(key) = L::key(item) else { return true };
        if self.recent.contains(&key) || self.earlier.contains(&key) {
            return false;
        }
        if self.recent.len() == REMEMBERED {
            self.earlier = mem::take(&mut self.recent);
        }
        self.recent.insert(key);
        true
    }
}

impl<L: List> Series for Listing<L> {
    type Item = L::Item;
    type Error = CallError;
    type Flow = Exchange<L>;

    fn next(&mut self) -> Option<Exchange<L>> {
        let list = self.next.take()?;
        self.asked = Some(list.clone());
        Some(self.session.call(list))
    }

    fn take(
        &mut self,
        page: Result<Page<L::Item, L>, CallError>,
    ) -> Result<Vec<L::Item>, CallError> {
        let Page {
            mut items,
            next,
            previous,
        } = page?;
        let was_empty = items.is_empty();
        items.retain(|item| self.is_new(item));
        let onward = if self.forward {
            items.reverse();
            // Newer pages always have a link, so only an empty one ends the list.
            previous.filter(|_| !was_empty)
        } else {
            next
        };
        let leads_on = onward != self.asked && (was_empty || !items.is_empty());
        self.next = onward.filter(|_| leads_on);
        Ok(items)
    }
}
