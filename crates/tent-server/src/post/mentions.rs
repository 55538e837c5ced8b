//! The posts that mention a post: `GET /posts/:id/mentions`.
//!
//! Source: tent.io 0.2, app-server; `docs/protocol.md` §6.6.5.

use axum::response::Response;
use http::{HeaderMap, Method, Uri};
use tent_proto::List as _;
use tent_proto::call::ListMentions;
use tent_proto::model::Mention;

use super::visible;
use crate::answer::{self, Json};
use crate::caller::Caller;
use crate::error::ApiError;
use crate::incoming::Incoming;
use crate::paging;
use crate::query::Query;
use crate::server::Addressed;
use crate::storage::{Cursor, MentionPage, MentioningPost};

pub(crate) async fn list(
    Addressed(server): Addressed,
    method: Method,
    uri: Uri,
    caller: Caller,
    query: Query,
    Incoming(list): Incoming<ListMentions>,
) -> Result<Response, ApiError> {
    let post = Cursor {
        publisher: server.account.entity.clone(),
        id: list.post().clone(),
    };
    let (account, visible) = (server.account.key, visible(&caller));
    let asked = list.query();
    let cursor = |bound| paging::cursor(&server.account.entity, bound);
    let page = MentionPage {
        since: cursor(asked.since()),
        before: cursor(asked.before().or(asked.until())), // which is an upper bound here, too
        type_bases: paging::type_bases(asked)?,
        limit: paging::limit(asked),
    };
    let found = server
        .database
        .post_mentions(account, post.clone(), page.clone(), visible.clone())
        .await?;
    let found = found.ok_or_else(ApiError::not_found)?;
    let mut headers = HeaderMap::new();
    headers.extend(answer::link(links((&uri, &query), &page, &found)));
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

/// The list goes from old to new, so its next page is newer.
fn links(at: (&Uri, &Query), page: &MentionPage, found: &[MentioningPost]) -> Option<String> {
    const CURSORS: [&str; 6] = [
        "since_id",
        "since_id_entity",
        "before_id",
        "before_id_entity",
        "until_id",
        "until_id_entity",
    ];
    let (first, last) = (found.first()?, found.last()?);
    let previous = place(["before_id", "before_id_entity"], first);
    let next = place(["since_id", "since_id_entity"], last);
    let next = paging::is_full(found.len(), page.limit).then_some(&next[..]);
    Some(paging::links(at, &CURSORS, &previous, next))
}

fn place<'a>([id, entity]: [&'a str; 2], post: &'a MentioningPost) -> [(&'a str, &'a str); 2] {
    [(id, post.id.as_str()), (entity, post.publisher.as_str())]
}
