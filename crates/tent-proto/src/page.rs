//! Lists in pages.

use http::HeaderMap;
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

/// The queries of the links of a page.
pub(crate) struct PageLinks {
    pub(crate) next: Option<Query>,
    pub(crate) previous: Option<Query>,
}

/// A link leads away from the server, so what it names is not asked, let alone with a signature.
#[derive(Debug, thiserror::Error)]
#[error("it leads to another origin, {0}")]
struct OtherOrigin(Url);

impl<T, L> Page<T, L> {
    /// The paging links of an answer; `None` when it has none at all, as in v0.1.
    pub(crate) fn links(
        headers: &HeaderMap,
        asked: impl FnOnce() -> Url,
    ) -> Result<Option<PageLinks>, DecodeError> {
        if !headers.contains_key(http::header::LINK) {
            return Ok(None);
        }
        let asked = asked();
        let query = |relation, name| match link_header::first_target(headers, &asked, relation) {
            Some(url) if is_same_origin(&url, &asked) => Ok(Some(Query::of(&url))),
            Some(url) => Err(DecodeError::Unusable(name, OtherOrigin(url).into())),
            None => Ok(None),
        };
        let links = PageLinks {
            next: query("next", "next link")?,
            previous: query("prev", "prev link")?,
        };
        let is_paged = links.next.is_some() || links.previous.is_some();
        Ok(is_paged.then_some(links))
    }
}
