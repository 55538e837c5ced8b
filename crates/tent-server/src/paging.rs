//! Pages of lists: how long they are, and where the next ones are.
//!
//! Source: tent.io 0.2, app-server; `docs/protocol.md` §6.0.1.

use http::Uri;
use tent_discovery::link_header::LinkValue;
use tent_proto::{Bound, Entity, Query as Parameters, TypeUri};

use crate::error::ApiError;
use crate::query::Query;
use crate::storage::{Cursor, IdPage};

/// How many a page holds unless it is said.
pub(crate) const LIMIT: u32 = 50;
/// How many a page holds at most.
pub(crate) const MOST: u32 = 200;
/// How many entities or types a list may be limited to.
const MOST_FILTERS: usize = 100;

/// How many a page shall hold.
pub(crate) fn limit(asked: &Parameters) -> u32 {
    asked.limit().unwrap_or(LIMIT).min(MOST)
}

/// The page of a list of what has ids.
pub(crate) fn id_page(asked: &Parameters) -> IdPage {
    let id = |bound: Option<Bound<'_>>| bound.map(|bound| bound.id.to_owned());
    IdPage {
        since: id(asked.since()),
        before: id(asked.before()),
        until: id(asked.until()),
        limit: limit(asked),
        ascending: asked.is_oldest_first(),
    }
}

/// The post that bounds a list: the server's own entity's unless it is said.
pub(crate) fn cursor(own: &Entity, bound: Option<Bound<'_>>) -> Option<Cursor> {
    bound.map(|bound| Cursor {
        id: bound.post(),
        publisher: bound.entity.unwrap_or_else(|| own.clone()),
    })
}

/// The bases of the types that are asked for; none when all are.
///
/// # Errors
///
/// When there are too many for one query.
pub(crate) fn type_bases(asked: &Parameters) -> Result<Vec<String>, ApiError> {
    let types: Vec<TypeUri> = not_too_many("post_types", asked.post_types().collect())?;
    Ok(types.iter().map(|one| one.base().to_owned()).collect())
}

/// # Errors
///
/// When there are too many for one query.
pub(crate) fn not_too_many<T>(name: &str, filters: Vec<T>) -> Result<Vec<T>, ApiError> {
    if filters.len() <= MOST_FILTERS {
        return Ok(filters);
    }
    let text = format!("there are more than {MOST_FILTERS} of {name}");
    Err(ApiError::invalid(text))
}

/// A cursor, as pairs of a query.
pub(crate) type Place<'a> = &'a [(&'a str, &'a str)];

/// The links of a page that is not empty: to the same list without these cursors, at other places. The
/// last page may be full, so a full page always has a next one; a previous one there may be at any
/// time.
pub(crate) fn links(
    (uri, query): (&Uri, &Query),
    cursors: &[&str],
    previous: Place<'_>,
    next: Option<Place<'_>>,
) -> String {
    let beyond = |place| query.beyond(uri.path(), cursors, place);
    let previous = LinkValue::new(&beyond(previous), "prev").to_string();
    match next {
        Some(next) => format!("{previous}, {}", LinkValue::new(&beyond(next), "next")),
        None => previous,
    }
}

/// The links of a page of what has ids.
pub(crate) fn id_links<'a>(
    at: (&Uri, &Query),
    page: &IdPage,
    ids: impl ExactSizeIterator<Item = &'a str> + Clone,
) -> Option<String> {
    let (first, last) = (ids.clone().next()?, ids.clone().last()?);
    let (older, newer) = if page.ascending {
        ("since_id", "before_id")
    } else {
        ("before_id", "since_id")
    };
    let next = [(older, last)];
    let next = is_full(ids.len(), page.limit).then_some(&next[..]);
    Some(links(
        at,
        &["since_id", "before_id"],
        &[(newer, first)],
        next,
    ))
}

/// Whether a page has as many as it may, so that there may be more.
pub(crate) const fn is_full(count: usize, limit: u32) -> bool {
    count as u64 >= limit as u64
}
