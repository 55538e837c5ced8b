//! The entity's page, where discovery begins.
//!
//! Source: tent.io 0.2, introduction; `docs/protocol.md` §2.1.

use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, LINK, VARY};
use http::{HeaderMap, HeaderValue};
use maud::html;
use tent_discovery::link_header::LinkValue;
use tent_proto::model::Basic;
use tent_proto::{PROFILE_RELATION, PostId, TypeUri};

use crate::draft;
use crate::error::ApiError;
use crate::page::{self, Posts, Profile};
use crate::query::Query;
use crate::server::{Addressed, Shared};
use crate::session::Session;
use crate::storage::{Browser, Cursor, Feed, SortBy, StoredPost, Visible};

/// How many posts the page shows.
const POSTS: u32 = 20;

/// The entity's public profile, for people, with the links to the API, for programs, both in headers
/// and in the head of the page.
pub(crate) async fn read(
    Addressed(server): Addressed,
    headers: HeaderMap,
    query: Query,
) -> Result<Response, ApiError> {
    let session = Session::of(&server, &headers)?;
    let is_owner = session.browser(&server).await? == Browser::SignedIn;
    let before = query.filled(page::BEFORE).map(PostId::from);
    let profile = Profile {
        basic: basic(&server).await?,
        posts: posts(&server, before).await?,
    };
    let target = server.link_to("/profile");
    let draft = draft::root(&server)?;
    let discovery = html! {
        link rel=(PROFILE_RELATION) href=(target);
        link rel=(draft::RELATION) href=(draft);
    };
    let owner = is_owner.then_some(&session);
    let mut response = page::profile(&server, &profile, owner, discovery).into_response();
    let headers = response.headers_mut();
    if !is_owner {
        headers.insert(
            CACHE_CONTROL,
            HeaderValue::from_static("max-age=0, must-revalidate"),
        );
    }
    headers.insert(VARY, HeaderValue::from_static("Cookie"));
    headers.extend(
        HeaderValue::try_from(LinkValue::new(&target, PROFILE_RELATION).to_string())
            .ok()
            .map(|link| (LINK, link)),
    );
    let draft = HeaderValue::try_from(draft.as_str());
    headers.extend(draft.ok().map(|root| (draft::TENT_SERVER, root)));
    Ok(response)
}

/// The basic section of the profile, as far as it is public.
async fn basic(server: &Shared) -> Result<Basic, ApiError> {
    let sections = server.database.sections(server.account.key).await?;
    let basic = sections
        .iter()
        .find(|section| section.section_type.base() == TypeUri::basic().base());
    let basic = basic.filter(|section| section.audience.public);
    Ok(basic
        .and_then(|section| serde_json::from_str(&section.content).ok())
        .unwrap_or_default())
}

/// The newest public posts of the types that are shown, or those before one.
async fn posts(server: &Shared, before: Option<PostId>) -> Result<Posts, ApiError> {
    let types = [TypeUri::status(), TypeUri::essay(), TypeUri::photo()];
    let is_begin = before.is_none();
    let before = before.map(|id| Cursor {
        publisher: server.account.entity.clone(),
        id,
    });
    let feed = Feed {
        visible: Visible::Public,
        own_only: true,
        sort_by: SortBy::Published,
        ascending: false,
        limit: POSTS + 1, // one more tells whether there are more
        since: None,
        before,
        until: None,
        since_time: None,
        before_time: None,
        publishers: Vec::new(),
        type_bases: types.iter().map(|one| one.base().to_owned()).collect(),
        mentioned_entity: None,
        mentioned_post: None,
    };
    let mut stored = server.database.posts(server.account.key, feed).await?;
    let has_more = stored.len() > POSTS as usize;
    stored.truncate(POSTS as usize);
    let read = |post: &StoredPost| serde_json::from_str(&format!("{{{}}}", post.members)).ok();
    Ok(Posts {
        shown: stored.iter().filter_map(read).collect(),
        is_begin,
        last: stored.pop().filter(|_| has_more).map(|post| post.id),
    })
}
