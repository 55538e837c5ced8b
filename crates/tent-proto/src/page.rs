//! Pages of lists.

use http::HeaderMap;
use http::header::LINK;
use tent_discovery::link_header;
use url::Url;

use crate::Server;
use crate::json::DecodeError;
use crate::list::List;
use crate::origin::is_same_origin;
use crate::query::Query;

/// A page of a list, and the lists that go on from it.
///
/// A page may be shorter than asked for, or empty, and not be the last: the list is over when there
/// is no `next`.
///
/// Source: tent.io 0.2, app-server; `docs/protocol.md` §6.0.1.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Page<T, L> {
    /// The items, newest first.
    pub items: Vec<T>,
    /// The page of what is older.
    pub next: Option<L>,
    /// The page of what is newer, which may still be empty.
    pub previous: Option<L>,
    /// Whether the server said where the list goes on.
    pub(crate) is_linked: bool,
}

/// Which way a list goes on from an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "there are two")]
pub enum Direction {
    /// To what is older.
    Older,
    /// To what is newer.
    Newer,
}

/// A link leads away from the server, so what it names is not asked, let alone with a signature.
#[derive(Debug, thiserror::Error)]
#[error("it leads to another origin, {0}")]
struct OtherOrigin(Url);

impl<L: List> Page<L::Item, L> {
    /// A page of these items. The lists that go on from it come from the links of the answer, by way
    /// of their queries; in v0.1, which has no links, from the first and the last item.
    pub(crate) fn read(
        list: &L,
        server: &Server,
        headers: &HeaderMap,
        items: Vec<L::Item>,
    ) -> Result<Self, DecodeError> {
        let (next, previous) = match headers.contains_key(LINK) {
            true => links(headers, &asked(list, server))?,
            false => (None, None),
        };
        if next.is_none() && previous.is_none() {
            return Ok(Self::without_links(list, items));
        }
        let next = next.map(|next| next.bounded_as(list.query()));
        Ok(Self {
            items,
            next: next.map(|next| list.with_query(next)),
            previous: previous.map(|previous| list.with_query(previous)),
            is_linked: true,
        })
    }

    /// A page from whose items alone the list goes on.
    pub(crate) fn without_links(list: &L, items: Vec<L::Item>) -> Self {
        let (onward, back) = match list.is_oldest_first() {
            true => (Direction::Newer, Direction::Older),
            false => (Direction::Older, Direction::Newer),
        };
        Self {
            next: items.last().and_then(|last| list.beyond(last, onward)),
            previous: items.first().and_then(|first| list.beyond(first, back)),
            items,
            is_linked: false,
        }
    }
}

/// What a list asks a server: what the links of the answer are relative to.
fn asked<L: List>(list: &L, server: &Server) -> Url {
    let request = list.request(server);
    request.map_or_else(|_| server.url().clone(), |request| request.url)
}

/// The queries of the links to the next and the previous page.
fn links(headers: &HeaderMap, asked: &Url) -> Result<(Option<Query>, Option<Query>), DecodeError> {
    let query = |relation, name| match link_header::first_target(headers, asked, relation) {
        Some(url) if is_same_origin(&url, asked) => Ok(Some(Query::of(&url))),
        Some(url) => Err(DecodeError::Unusable(name, OtherOrigin(url).into())),
        None => Ok(None),
    };
    Ok((query("next", "next link")?, query("prev", "prev link")?))
}
