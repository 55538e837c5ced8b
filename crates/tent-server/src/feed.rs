//! Lists of posts: `GET /posts` and `GET /posts/count`.
//!
//! Source: tent.io 0.2, app-server; `docs/protocol.md` §6.0.1, §6.0.2 and §6.6.2.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::Uri;
use tent_discovery::link_header::LinkValue;
use tent_proto::call::{self, CountPosts, ListPosts};
use tent_proto::{Bound, Entity, List as _, Query as Parameters, Scope, Timestamp, TypeUri};

use crate::answer::{COUNT, Json, link};
use crate::caller::Caller;
use crate::error::ApiError;
use crate::incoming::Incoming;
use crate::post::{Seen, visible};
use crate::query::Query;
use crate::server::Shared;
use crate::storage::{Cursor, Feed, SortBy, StoredPost};

const DEFAULT_LIMIT: u32 = 50;
const MOST: u32 = 200;
/// How many entities or types a list may be limited to.
const MOST_FILTERS: usize = 100;

pub(crate) async fn list(
    State(server): State<Shared>,
    uri: Uri,
    caller: Caller,
    query: Query,
    Incoming(list): Incoming<ListPosts>,
) -> Result<Response, ApiError> {
    let feed = feed(&server, &caller, list.query())?;
    page(&server, &uri, &caller, &query, feed).await
}

/// The headers of a page, and how many there are in all.
pub(crate) async fn head(
    State(server): State<Shared>,
    uri: Uri,
    caller: Caller,
    query: Query,
    Incoming(count): Incoming<CountPosts>,
) -> Result<Response, ApiError> {
    let feed = feed(&server, &caller, count.list.query())?;
    let mut response = page(&server, &uri, &caller, &query, feed.clone()).await?;
    let count = total(&server, &caller, feed).await?;
    response.headers_mut().insert(COUNT, count.into());
    Ok(response)
}

pub(crate) async fn count(
    State(server): State<Shared>,
    caller: Caller,
    Incoming(count): Incoming<CountPosts>,
) -> Result<Json, ApiError> {
    let feed = feed(&server, &caller, count.list.query())?;
    Json::new(&total(&server, &caller, feed).await?)
}

async fn page(
    server: &Shared,
    uri: &Uri,
    caller: &Caller,
    query: &Query,
    feed: Feed,
) -> Result<Response, ApiError> {
    let account = server.account.key;
    let posts = server.database.posts(account, feed.clone()).await?;
    let links = links(uri.path(), query, &feed, &posts);
    let seen = Seen::by(caller).through(query.filled("view").map(str::to_owned));
    let mut response = Json::text(text(&posts, &seen)?).into_response();
    response.headers_mut().extend(link(links));
    Ok(response)
}

async fn total(server: &Shared, caller: &Caller, feed: Feed) -> Result<u64, ApiError> {
    let (account, feed) = (server.account.key, counted(feed, caller));
    Ok(server.database.count_posts(account, feed).await?)
}

/// Counts are of the entity's own posts, unless mentions are counted (`docs/protocol.md` §6.0.2).
fn counted(feed: Feed, caller: &Caller) -> Feed {
    let own_only =
        feed.own_only || (caller.has(&Scope::ReadPosts) && feed.mentioned_entity.is_none());
    Feed { own_only, ..feed }
}

pub(crate) fn text(posts: &[StoredPost], seen: &Seen) -> Result<String, ApiError> {
    let length: usize = posts.iter().map(|post| post.members.len() + 128).sum();
    let mut text = String::with_capacity(length + 2);
    text.push('[');
    for (index, post) in posts.iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        seen.write(post, &mut text)?;
    }
    text.push(']');
    Ok(text)
}

fn feed(server: &Shared, caller: &Caller, asked: &Parameters) -> Result<Feed, ApiError> {
    let cursor = |bound: Option<Bound<'_>>| {
        bound.map(|bound| Cursor {
            id: bound.post(),
            publisher: bound
                .entity
                .unwrap_or_else(|| server.account.entity.clone()),
        })
    };
    Ok(Feed {
        visible: visible(caller),
        own_only: asked.is_original() && caller.has(&Scope::ReadPosts),
        sort_by: match asked.sort_by() {
            call::SortBy::PublishedAt => SortBy::Published,
            call::SortBy::UpdatedAt => SortBy::Updated,
            _ => SortBy::Received,
        },
        ascending: asked.is_oldest_first(),
        limit: asked.limit().unwrap_or(DEFAULT_LIMIT).min(MOST),
        since: cursor(asked.since()),
        before: cursor(asked.before()),
        until: cursor(asked.until()),
        since_time: asked.since_time().map(Timestamp::epoch_seconds),
        before_time: asked.before_time().map(Timestamp::epoch_seconds),
        publishers: not_too_many("entity", asked.entities().collect())?,
        type_bases: not_too_many("post_types", asked.post_types().collect())?
            .iter()
            .map(|one| one.base().to_owned())
            .collect(),
        mentioned_entity: asked.mentioned_entity(),
        mentioned_post: asked.mentioned_post(),
    })
}

fn not_too_many<T>(name: &str, filters: Vec<T>) -> Result<Vec<T>, ApiError> {
    if filters.len() <= MOST_FILTERS {
        return Ok(filters);
    }
    let text = format!("there are more than {MOST_FILTERS} of {name}");
    Err(ApiError::invalid(text))
}

/// The post that a cursor names.
pub(crate) fn cursor(
    server: &Shared,
    query: &Query,
    name: &str,
) -> Result<Option<Cursor>, ApiError> {
    let publisher = entity_of_cursor(server, query, name)?;
    Ok(query.filled(name).map(|id| Cursor {
        publisher,
        id: id.into(),
    }))
}

/// The bases of the types that are asked for; none when all are.
pub(crate) fn type_bases(query: &Query) -> Result<Vec<String>, ApiError> {
    let lists = query.all("post_types").chain(query.all("post_types[]"));
    let texts = lists.flat_map(|list| list.split(',')).map(str::trim);
    let types: Vec<_> = some("post_types", texts)?
        .into_iter()
        .map(TypeUri::from)
        .collect();
    if types.iter().any(TypeUri::is_all) {
        return Ok(Vec::new());
    }
    Ok(types.iter().map(|one| one.base().to_owned()).collect())
}

/// The texts that are not empty, each once, unless they are too many for one query.
fn some<'a>(
    name: &str,
    texts: impl Iterator<Item = &'a str>,
) -> Result<BTreeSet<&'a str>, ApiError> {
    let texts: BTreeSet<_> = texts.filter(|text| !text.is_empty()).collect();
    if texts.len() > MOST_FILTERS {
        let text = format!("there are more than {MOST_FILTERS} of {name}");
        return Err(ApiError::invalid(text));
    }
    Ok(texts)
}

fn entity(name: &str, text: &str) -> Result<Entity, ApiError> {
    text.parse()
        .map_err(|_| ApiError::invalid(format!("{name} is not an entity")))
}

/// The publisher of the post that a cursor names: the server's own entity unless it is said.
fn entity_of_cursor(server: &Shared, query: &Query, name: &str) -> Result<Entity, ApiError> {
    let name = format!("{name}_entity");
    let own = || Ok(server.account.entity.clone());
    query
        .filled(&name)
        .map_or_else(own, |text| entity(&name, text))
}

pub(crate) fn limit(query: &Query) -> Result<u32, ApiError> {
    let Some(text) = query.get("limit").map(str::trim) else {
        return Ok(DEFAULT_LIMIT);
    };
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(0); // as the reference server has it
    }
    if digits != text {
        return Err(ApiError::invalid("limit is below zero"));
    }
    Ok(digits.parse().map_or(MOST, |limit: u32| limit.min(MOST)))
}

/// The links of a page. The last page may be full, so a full page always has a next one; a previous
/// one there may be at any time.
fn links(path: &str, query: &Query, feed: &Feed, posts: &[StoredPost]) -> Option<String> {
    let (first, last) = (posts.first()?, posts.last()?);
    let (older, newer) = if feed.ascending {
        ("since_id", "before_id")
    } else {
        ("before_id", "since_id")
    };
    let target = beyond(path, query, newer, first);
    let mut links = LinkValue::new(&target, "prev").to_string();
    if posts.len() as u64 >= u64::from(feed.limit) {
        let target = beyond(path, query, older, last);
        let _ = write!(links, ", {}", LinkValue::new(&target, "next"));
    }
    Some(links)
}

/// The same list, beyond a post.
fn beyond(path: &str, query: &Query, cursor: &str, post: &StoredPost) -> String {
    const CURSORS: [&str; 4] = [
        "since_id",
        "since_id_entity",
        "before_id",
        "before_id_entity",
    ];
    let of = format!("{cursor}_entity");
    let place = [(cursor, post.id.as_str()), (&of, post.publisher.as_str())];
    query.beyond(path, &CURSORS, &place)
}
