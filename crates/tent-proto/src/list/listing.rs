//! Lists as series.

mod onward;

use tent_flow::Series;

use self::onward::Read;
use super::newest::Newest;
use super::seen::Seen;
use super::{Key, List, MAX_LIMIT, Place, with_limit};
use crate::page::{Direction, Page};
use crate::{CallError, Exchange, Session, Timestamp};

/// The items of a list, page after page, each once, in the order of the list; or, when it asks for
/// what is newer than some item, oldest first. What a driver's `items` takes.
///
/// Pages need not be full, and may be empty in the middle. Items of one second that a page ends in the
/// middle of come again on the next page, and are not given again. Where a page holds nothing but
/// those, it is asked for once more, with 200 items.
///
/// Source: `docs/protocol.md` §6.0.1 and §6.6.2.
///
/// ```
/// # use tent_flow::Series;
/// # use tent_flow::script::{Answer, Script};
/// # use tent_proto::Session;
/// use tent_proto::call::ListPosts;
///
/// # let entity = "https://alice.example".parse()?;
/// # let session = Session::anonymous(entity, vec!["https://alice.example/tent".parse()?]);
/// # let mut client = Script::new()
/// #     .on("GET", "https://alice.example/tent/posts?limit=30", Answer::json(r#"[{"id":"p2"}]"#))
/// #     .on("GET", "https://alice.example/tent/posts?limit=29&before_id=p2", Answer::json("[]"));
/// // `for post in client.items(session.posts(ListPosts::new()).first(30))` in a program.
/// let mut posts = session.posts(ListPosts::new()).first(30);
/// while let Some(page) = posts.next() {
///     for post in posts.take(client.run(page))? {
///         println!("{:?}", post.id);
///     }
/// }
/// # client.finish();
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Listing<L: List> {
    session: Session,
    /// The size of pages that was asked for.
    limit: Option<u32>,
    is_forward: bool,
    /// How many items may still come.
    left: Option<u64>,
    next: Option<L>,
    asked: Option<L>,
    /// How many items of the next page are known already.
    overlap: u32,
    /// Whether pages are as big as they can be, since a smaller one was full of one second.
    is_raised: bool,
    seen: Seen,
    /// The time of the item that came last.
    time: Option<Timestamp>,
    /// The time of the item beyond which the next page lies, where that is another one.
    cursor_time: Option<Timestamp>,
    newest: Option<Newest<L>>,
    /// What is newer than all that was taken, where the list leads there.
    newer: Option<Place<L>>,
    /// How many pages in a row brought nothing new.
    fruitless: u32,
    /// Where one of those was. It moves on ever more slowly, so that a circle comes back to it.
    mark: Option<L>,
}

impl<L: List> Listing<L> {
    /// The items of this list.
    pub fn new(session: Session, list: L) -> Self {
        Self::at(session, Place::new(list))
    }

    /// The items from this place on.
    pub(crate) fn at(session: Session, place: Place<L>) -> Self {
        let is_newer = place.list().goes_forward() || place.list().is_oldest_first();
        let newer = is_newer.then(|| place.clone());
        let (list, seen) = place.into_parts();
        // What the list begins beyond comes again along with others of its second.
        let bounds = list.bounds(session.entity());
        Self {
            session,
            limit: list.query().limit(),
            is_forward: list.goes_forward(),
            left: None,
            next: Some(list),
            asked: None,
            overlap: 0,
            is_raised: false,
            seen: Seen::new(seen, bounds),
            time: None,
            cursor_time: None,
            newest: None,
            newer,
            fruitless: 0,
            mark: None,
        }
    }

    /// So many items and no more. The pages are no bigger than needed.
    #[must_use]
    pub const fn first(mut self, count: u64) -> Self {
        self.left = Some(count);
        self
    }

    /// Where the list goes on after what was taken of it, be it that [`first`](Self::first) ends it
    /// here, or that a page did not come. `None` when it is over.
    ///
    /// An item counts as taken along with its page, although a driver hands out one after the other.
    pub fn rest(&self) -> Option<Place<L>> {
        let list = self.next.as_ref().or(self.asked.as_ref())?;
        Some(Place::beyond(with_limit(list, self.limit), self.ties()))
    }

    /// What is newer than everything that was taken, to be read once there is something. `None` when
    /// nothing was.
    pub fn newer(&self) -> Option<Place<L>> {
        let newest = self.newest.as_ref();
        let newer = newest.map(|newest| newest.newer(self.limit));
        newer.or_else(|| self.newer.clone())
    }

    /// The page to ask for next, which then is the one that is asked for.
    pub(crate) fn next_page(&mut self) -> Option<L> {
        if self.left == Some(0) {
            return None;
        }
        let list = self.next.take()?;
        let list = self.sized(list);
        self.asked = Some(list.clone());
        Some(list)
    }

    /// Whether everything that was asked for was taken.
    pub(crate) const fn is_over(&self) -> bool {
        self.next.is_none() && self.asked.is_none()
    }

    /// The items that can come again.
    fn ties(&self) -> Vec<Key> {
        // A page that is asked for again comes with all its items.
        let is_known = self.time.is_some() && !self.is_raised && self.asked.is_none();
        match L::HAS_TIES {
            true if is_known => self.seen.at(&[self.time, self.cursor_time]),
            true => self.seen.all(),
            false => Vec::new(),
        }
    }

    /// Which way the list is read.
    fn direction(&self, list: &L) -> Direction {
        match self.is_forward || list.is_oldest_first() {
            true => Direction::Newer,
            false => Direction::Older,
        }
    }

    /// Sets the size of the page that is asked for: of a slice no more than is needed.
    fn sized(&self, list: L) -> L {
        let limit = match self.left {
            _ if self.is_raised => MAX_LIMIT,
            Some(left) => {
                let most = self.limit.unwrap_or(MAX_LIMIT).min(MAX_LIMIT);
                let wanted = left.saturating_add(u64::from(self.overlap));
                u32::try_from(wanted).map_or(most, |wanted| wanted.min(most))
            }
            None => return list,
        };
        with_limit(&list, Some(limit))
    }

    /// Keeps the items that are new, and of those as many as may come. Says whether others are left.
    fn keep(&mut self, list: &L, items: &mut Vec<L::Item>, page: &Read) -> bool {
        let mut is_cut = false;
        items.retain(|item| {
            if self.left == Some(0) {
                is_cut = true;
                return false;
            }
            let time = list.time(item);
            let is_new = L::key(item).is_none_or(|key| self.seen.is_new(key, time));
            if is_new {
                self.time = time;
                self.left = self.left.map(|left| left - 1);
                self.note(list, item, page);
            }
            is_new
        });
        self.seen.turn_page(page.length);
        if let Some(newest) = &mut self.newest {
            newest.end_page();
        }
        is_cut
    }

    /// Notes an item of a list that is read towards the older ones.
    fn note(&mut self, list: &L, item: &L::Item, page: &Read) {
        if self.newest.is_none() && self.direction(list) == Direction::Older {
            self.newest = Newest::of(list, item);
        }
        if let Some(newest) = &mut self.newest {
            newest.note(list, item, page.is_linked);
        }
    }
}

impl<L: List> Series for Listing<L> {
    type Item = L::Item;
    type Error = CallError;
    type Flow = Exchange<L>;

    fn next(&mut self) -> Option<Exchange<L>> {
        let list = self.next_page()?;
        Some(self.session.call(list))
    }

    fn take(
        &mut self,
        page: Result<Page<L::Item, L>, CallError>,
    ) -> Result<Vec<L::Item>, CallError> {
        let mut page = page?;
        let Some(asked) = self.asked.take() else {
            return Ok(page.items); // they are of no page of this list
        };
        let read = Read {
            length: page.items.len(),
            is_linked: page.is_linked,
        };
        let mut plain = page.next.take();
        if self.is_forward {
            page.items.reverse();
            // Newer pages always have a link, so only an empty one ends the list.
            plain = page.previous.take().filter(|_| read.length > 0);
        }
        let direction = self.direction(&asked);
        let edge = read.edge(&asked, &page.items, direction);
        let again = edge.again(&asked);
        let mut items = page.items;
        let is_cut = self.keep(&asked, &mut items, &read);
        (self.overlap, self.cursor_time) = (0, None);
        let last = items.last().and_then(|last| asked.beyond(last, direction));
        self.next = if items.is_empty() {
            self.after_nothing(asked, plain, &read)?
        } else if is_cut {
            let edge = read.edge(&asked, &items, direction);
            self.after_items(&asked, edge, last.clone(), true)
        } else {
            self.after_items(&asked, edge, plain, read.is_full(&asked))
        };
        if direction == Direction::Newer
            && let Some(last) = last
        {
            self.newer = Some(match again {
                Some(list) => Place::beyond(with_limit(&list, self.limit), self.seen.all()),
                None => Place::beyond(with_limit(&last, self.limit), self.ties()),
            });
        }
        Ok(items)
    }
}
