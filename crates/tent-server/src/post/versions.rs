//! The versions of a post: `GET /posts/:id/versions`.
//!
//! Source: tent.io 0.2, app-server; `docs/protocol.md` §6.6.4.

use axum::response::Response;
use http::{HeaderMap, Method, Uri};
use tent_proto::List as _;
use tent_proto::call::ListVersions;

use super::{Seen, visible};
use crate::answer::{self, Json};
use crate::caller::Caller;
use crate::error::ApiError;
use crate::feed::text;
use crate::incoming::Incoming;
use crate::paging;
use crate::query::Query;
use crate::server::Addressed;
use crate::storage::{Cursor, StoredPost, VersionPage};

pub(crate) async fn list(
    Addressed(server): Addressed,
    method: Method,
    uri: Uri,
    caller: Caller,
    query: Query,
    Incoming(list): Incoming<ListVersions>,
) -> Result<Response, ApiError> {
    let post = Cursor {
        publisher: server.account.entity.clone(),
        id: list.post().clone(),
    };
    let (account, visible) = (server.account.key, visible(&caller));
    let asked = list.query();
    let version = |version: Option<u64>| version.map(|one| u32::try_from(one).unwrap_or(u32::MAX));
    let page = VersionPage {
        since: version(asked.since_version()),
        before: version(asked.before_version()),
        until: version(asked.until_version()),
        limit: paging::limit(asked),
        ascending: asked.is_oldest_first(),
    };
    let versions = server
        .database
        .post_versions(account, post.clone(), page.clone(), visible.clone())
        .await?;
    let versions = versions.ok_or_else(ApiError::not_found)?;
    let seen = Seen::by(&caller).through(query.filled("view").map(str::to_owned));
    let mut headers = HeaderMap::new();
    headers.extend(answer::link(links((&uri, &query), &page, &versions)));
    if method == Method::HEAD {
        let count = server
            .database
            .count_versions(account, post, visible)
            .await?;
        headers.insert(answer::COUNT, count.unwrap_or_default().into());
    }
    Ok(Json::text(text(&versions, &seen)?).with(headers))
}

fn links(at: (&Uri, &Query), page: &VersionPage, versions: &[StoredPost]) -> Option<String> {
    let (first, last) = (versions.first()?, versions.last()?);
    let (first, last) = (first.version.to_string(), last.version.to_string());
    let (older, newer) = if page.ascending {
        ("since_version", "before_version")
    } else {
        ("before_version", "since_version")
    };
    let next = [(older, last.as_str())];
    let next = paging::is_full(versions.len(), page.limit).then_some(&next[..]);
    let cursors = ["since_version", "before_version"];
    Some(paging::links(at, &cursors, &[(newer, &first)], next))
}
