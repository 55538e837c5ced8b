//! The versions of a post: `GET /posts/:id/versions`.
//!
//! Source: tent.io 0.2, app-server; `docs/protocol.md` §6.6.4.

use std::fmt::Write as _;

use axum::extract::State;
use axum::response::Response;
use http::{HeaderMap, Method, Uri};
use tent_discovery::link_header::LinkValue;

use super::{Seen, visible};
use crate::answer::{self, Json};
use crate::caller::Caller;
use crate::error::ApiError;
use crate::feed::{limit, text};
use crate::query::{Query, Segments};
use crate::server::Shared;
use crate::storage::{Cursor, StoredPost, VersionPage};

pub(crate) async fn list(
    State(server): State<Shared>,
    method: Method,
    uri: Uri,
    caller: Caller,
    Segments(id): Segments<String>,
    query: Query,
) -> Result<Response, ApiError> {
    let post = Cursor {
        publisher: server.account.entity.clone(),
        id: id.into(),
    };
    let (account, visible) = (server.account.key, visible(&caller));
    let page = VersionPage {
        since: version(&query, "since_version")?,
        before: version(&query, "before_version")?,
        until: version(&query, "until_version")?,
        limit: limit(&query)?,
        ascending: query.get("order") == Some("asc"),
    };
    let versions = server
        .database
        .post_versions(account, post.clone(), page.clone(), visible.clone())
        .await?;
    let versions = versions.ok_or_else(ApiError::not_found)?;
    let seen = Seen::by(&caller).through(query.filled("view").map(str::to_owned));
    let mut headers = HeaderMap::new();
    headers.extend(answer::link(links(uri.path(), &query, &page, &versions)));
    if method == Method::HEAD {
        let count = server
            .database
            .count_versions(account, post, visible)
            .await?;
        headers.insert(answer::COUNT, count.unwrap_or_default().into());
    }
    Ok(Json::text(text(&versions, &seen)?).with(headers))
}

fn version(query: &Query, name: &str) -> Result<Option<u32>, ApiError> {
    let parse = |text: &str| {
        let version: Result<u64, _> = text.parse();
        let version = version.map(|version| u32::try_from(version).unwrap_or(u32::MAX));
        version.map_err(|_| ApiError::invalid(format!("{name} is not a version")))
    };
    query.filled(name).map(parse).transpose()
}

/// The `Link` header of a page: a previous page there may be at any time, a next one after a full one.
fn links(path: &str, query: &Query, page: &VersionPage, versions: &[StoredPost]) -> Option<String> {
    let (first, last) = (versions.first()?, versions.last()?);
    let (older, newer) = if page.ascending {
        ("since_version", "before_version")
    } else {
        ("before_version", "since_version")
    };
    let beyond = |name: &str, post: &StoredPost| {
        let cursors = ["since_version", "before_version"];
        query.beyond(path, &cursors, &[(name, &post.version.to_string())])
    };
    let mut links = LinkValue::new(&beyond(newer, first), "prev").to_string();
    if versions.len() as u64 >= u64::from(page.limit) {
        let next = beyond(older, last);
        let _ = write!(links, ", {}", LinkValue::new(&next, "next"));
    }
    Some(links)
}
