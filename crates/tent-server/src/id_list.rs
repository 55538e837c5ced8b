//! Lists of what has ids: groups, followers, followings.
//!
//! Source: tent.io 0.2, app-server; `docs/protocol.md` §6.0.1.

use std::fmt::Write as _;

use tent_discovery::link_header::LinkValue;

use crate::error::ApiError;
use crate::feed::limit;
use crate::query::Query;
use crate::storage::IdPage;

/// The page that a query asks for.
pub(crate) fn page(query: &Query) -> Result<IdPage, ApiError> {
    let id = |name| query.filled(name).map(str::to_owned);
    Ok(IdPage {
        since: id("since_id"),
        before: id("before_id"),
        until: id("until_id"),
        limit: limit(query)?,
        ascending: query.get("order") == Some("asc"),
    })
}

/// The links of a page, by the ids of its items. The last page may be full, so a full page always has
/// a next one; a previous one there may be at any time.
pub(crate) fn links<'a>(
    path: &str,
    query: &Query,
    page: &IdPage,
    ids: impl ExactSizeIterator<Item = &'a str> + Clone,
) -> Option<String> {
    let (first, last) = (ids.clone().next()?, ids.clone().last()?);
    let (older, newer) = if page.ascending {
        ("since_id", "before_id")
    } else {
        ("before_id", "since_id")
    };
    let beyond = |name, id| query.beyond(path, &["since_id", "before_id"], &[(name, id)]);
    let mut links = LinkValue::new(&beyond(newer, first), "prev").to_string();
    if ids.len() as u64 >= u64::from(page.limit) {
        let next = beyond(older, last);
        let _ = write!(links, ", {}", LinkValue::new(&next, "next"));
    }
    Some(links)
}
