//! Lists in pages.

use http::HeaderMap;
use http::header::LINK;
use tent_discovery::link_header;
use url::Url;

use crate::json::DecodeError;
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
}

/// A link leads away from the server, so what it names is not asked, let alone with a signature.
#[derive(Debug, thiserror::Error)]
#[error("it leads to another origin, {0}")]
struct OtherOrigin(Url);

impl<T, L> Page<T, L> {
    /// A page of these items. The lists that go on from it come from the links of the answer, by way
    /// of their queries; in v0.1, which has no links, from the newest and the oldest item.
    pub(crate) fn read(
        items: Vec<T>,
        headers: &HeaderMap,
        asked: impl FnOnce() -> Url,
        list: impl Fn(Query) -> L,
        beyond: impl Fn(&T, Direction) -> Option<L>,
    ) -> Result<Self, DecodeError> {
        let links = match headers.contains_key(LINK) {
            true => links(headers, &asked())?,
            false => (None, None),
        };
        let (next, previous) = match links {
            (None, None) => (
                items.last().and_then(|item| beyond(item, Direction::Older)),
                items
                    .first()
                    .and_then(|item| beyond(item, Direction::Newer)),
            ),
            (next, previous) => (next.map(&list), previous.map(&list)),
        };
        Ok(Self {
            items,
            next,
            previous,
        })
    }
}

/// Which way a list goes on from an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    Older,
    Newer,
}

/// The queries of the links to the next and the previous page.
fn links(headers: &HeaderMap, asked: &Url) -> Result<(Option<Query>, Option<Query>), DecodeError> {
    let query = |relation, name| match link_header::first_target(headers, asked, relation) {
        Some(url) if is_same_origin(&url, asked) => Ok(Some(Query::of(&url))),
        Some(url) => Err(DecodeError::Unusable(name, OtherOrigin(url).into())),
        None => Ok(None),
    };
    let next = query("next", "next link")?.map(|next| next.bounded_as(asked));
    Ok((next, query("prev", "prev link")?))
}
