//! Lists that come in pages.

mod edge;
mod listing;
mod newest;
mod place;
mod seen;

pub use self::listing::Listing;
pub use self::place::Place;
pub use self::seen::Key;
use crate::call::{Call, Receive};
use crate::page::{Direction, Page};
use crate::query::Query;
use crate::{Entity, Timestamp};

/// How many items a page holds at most, whatever is asked for (`docs/protocol.md` §6.0.1).
pub(crate) const MAX_LIMIT: u32 = 200;

/// A call that reads one page of a list.
///
/// It is a value: it can be kept, compared, written with serde, and made again. Where several
/// parameters were said, their order makes no difference.
pub trait List: Call<Answer = Page<Self::Item, Self>> + Receive + Clone + PartialEq {
    /// What the list holds.
    type Item: Send + 'static;

    /// Whether items of the list can share the time that it is sorted by, so that a page may end in
    /// the middle of them.
    const HAS_TIES: bool;

    /// What is asked for.
    fn query(&self) -> &Query;

    /// The same list, with other parameters.
    #[must_use]
    fn with_query(&self, query: Query) -> Self;

    /// What tells the item from others, if it has it.
    fn key(item: &Self::Item) -> Option<Key>;

    /// The time that the list is sorted by, where the item has it.
    fn time(&self, item: &Self::Item) -> Option<Timestamp>;

    /// The list on one side of an item, which is not in it. `None` when the item has no id, or when
    /// there is no such list.
    fn beyond(&self, item: &Self::Item, direction: Direction) -> Option<Self>;

    /// The items that bound the list, at the server of this entity.
    fn bounds(&self, _own: &Entity) -> Vec<Key> {
        Vec::new()
    }

    /// Whether a page has the oldest item first.
    fn is_oldest_first(&self) -> bool {
        self.query().is_oldest_first()
    }

    /// Whether the list goes on by its previous pages, since it asks for what is newer than some item.
    fn goes_forward(&self) -> bool {
        self.query().goes_forward()
    }
}

/// The same list in pages of another size.
pub(crate) fn with_limit<L: List>(list: &L, limit: Option<u32>) -> L {
    let mut query = list.query().clone();
    query.set_limit(limit);
    list.with_query(query)
}

/// The parameter that names an id on one side of which the list lies.
pub(crate) const fn cursor(direction: Direction) -> &'static str {
    match direction {
        Direction::Older => "before_id",
        Direction::Newer => "since_id",
    }
}
