//! Lists of posts: `GET /posts` and `GET /posts/count`.
//!
//! Source: tent.io 0.2, app-server; `docs/protocol.md` §6.0.1, §6.0.2 and §6.6.2.

use axum::response::{IntoResponse, Response};
use http::Uri;
use tent_proto::call::{self, CountPosts, ListPosts};
use tent_proto::{List as _, Query as Parameters, Scope, Timestamp};

use crate::answer::{COUNT, Json, link};
use crate::caller::Caller;
use crate::error::ApiError;
use crate::incoming::Incoming;
use crate::paging;
use crate::post::{Seen, visible};
use crate::query::Query;
use crate::server::{Addressed, Shared};
use crate::storage::{Cursor, Feed, Page, SortBy, StorageError, StoredPost};

pub(crate) async fn list(
    Addressed(server): Addressed,
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
    Addressed(server): Addressed,
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
    Addressed(server): Addressed,
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
    let ascending = feed.ascending;
    let seen = Seen::by(caller).through(query.filled("view").map(str::to_owned));
    let page = server.database.page(account, feed, seen).await?;
    let links = links((uri, query), ascending, &page);
    let mut response = Json::text(page.text).into_response();
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

/// Posts as a JSON array.
pub(crate) fn text(posts: &[StoredPost], seen: &Seen) -> Result<String, StorageError> {
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
    let cursor = |bound| paging::cursor(&server.account.entity, bound);
    Ok(Feed {
        visible: visible(caller),
        own_only: asked.is_original() && caller.has(&Scope::ReadPosts),
        sort_by: match asked.sort_by() {
            call::SortBy::PublishedAt => SortBy::Published,
            call::SortBy::UpdatedAt => SortBy::Updated,
            _ => SortBy::Received,
        },
        ascending: asked.is_oldest_first(),
        limit: paging::limit(asked),
        since: cursor(asked.since()),
        before: cursor(asked.before()),
        until: cursor(asked.until()),
        since_time: asked.since_time().map(Timestamp::epoch_seconds),
        before_time: asked.before_time().map(Timestamp::epoch_seconds),
        publishers: paging::not_too_many("entity", asked.entities().collect())?,
        type_bases: paging::type_bases(asked)?,
        mentioned_entity: asked.mentioned_entity(),
        mentioned_post: asked.mentioned_post(),
    })
}

fn links(at: (&Uri, &Query), ascending: bool, page: &Page) -> Option<String> {
    const CURSORS: [&str; 4] = [
        "since_id",
        "since_id_entity",
        "before_id",
        "before_id_entity",
    ];
    let since = |post| place(["since_id", "since_id_entity"], post);
    let before = |post| place(["before_id", "before_id_entity"], post);
    let (first, last) = (page.first.as_ref()?, page.last.as_ref());
    let (previous, next) = if ascending {
        (before(first), last.map(since))
    } else {
        (since(first), last.map(before))
    };
    let next = next.as_ref().map(|next| &next[..]);
    Some(paging::links(at, &CURSORS, &previous, next))
}

fn place<'a>([id, entity]: [&'a str; 2], post: &'a Cursor) -> [(&'a str, &'a str); 2] {
    [(id, post.id.as_str()), (entity, post.publisher.as_str())]
}
