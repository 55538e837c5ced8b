//! The posts that mention a post: `GET /posts/:id/mentions`.
//!
//! Source: tent.io 0.2, app-server; `docs/protocol.md` §6.6.5.

use std::fmt::Write as _;

use axum::extract::State;
use axum::response::Response;
use http::{HeaderMap, Method, Uri};
use tent_discovery::link_header::LinkValue;
use tent_proto::model::Mention;

use super::visible;
use crate::answer::{self, Json};
use crate::caller::Caller;
use crate::error::ApiError;
use crate::feed::{cursor, limit, type_bases};
use crate::query::{Query, Segments};
use crate::server::Shared;
use crate::storage::{Cursor, MentionPage, MentioningPost};

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
    let before = match cursor(&server, &query, "before_id")? {
        None => cursor(&server, &query, "until_id")?, // an upper bound here
        before => before,
    };
    let page = MentionPage {
        since: cursor(&server, &query, "since_id")?,
        before,
        type_bases: type_bases(&query)?,
        limit: limit(&query)?,
    };
    let found = server
        .database
        .post_mentions(account, post.clone(), page.clone(), visible.clone())
        .await?;
    let found = found.ok_or_else(ApiError::not_found)?;
    let mut headers = HeaderMap::new();
    headers.extend(answer::link(links(uri.path(), &query, &page, &found)));
    if method == Method::HEAD {
        let count = server
            .database
            .count_mentions(account, post, page.type_bases, visible)
            .await?;
        headers.insert(answer::COUNT, count.unwrap_or_default().into());
    }
    let mentions: Vec<Mention> = found.into_iter().map(shown).collect();
    Ok(Json::new(&mentions)?.with(headers))
}

/// A mentioning post, as a mention is written.
fn shown(post: MentioningPost) -> Mention {
    let mut mention = Mention::default();
    mention.entity = Some(post.publisher);
    mention.post = Some(post.id);
    mention.post_type = Some(post.post_type);
    mention
}

/// The `Link` header of a page. The list goes from old to new, so its next page is newer.
fn links(
    path: &str,
    query: &Query,
    page: &MentionPage,
    found: &[MentioningPost],
) -> Option<String> {
    const CURSORS: [&str; 6] = [
        "since_id",
        "since_id_entity",
        "before_id",
        "before_id_entity",
        "until_id",
        "until_id_entity",
    ];
    let (first, last) = (found.first()?, found.last()?);
    let beyond = |name: &str, post: &MentioningPost| {
        let of = format!("{name}_entity");
        let place = [
            (name, post.id.as_str()),
            (of.as_str(), post.publisher.as_str()),
        ];
        query.beyond(path, &CURSORS, &place)
    };
    let mut links = LinkValue::new(&beyond("before_id", first), "prev").to_string();
    if found.len() as u64 >= u64::from(page.limit) {
        let next = beyond("since_id", last);
        let _ = write!(links, ", {}", LinkValue::new(&next, "next"));
    }
    Some(links)
}
