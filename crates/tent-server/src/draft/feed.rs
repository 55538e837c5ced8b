//! Lists of posts: `GET /posts`.
//!
//! Newest first by the time that their entities say. Posts that the draft cannot say are left out.
//!
//! Source: `docs/protocol.md` §8.2 and §8.3.

use std::collections::BTreeMap;

use tent_proto::call;
use tent_proto::draft::call::{Fetch, ListPosts};
use tent_proto::{Entity, Post, PostId, Scope, Timestamp, TypeUri};

use super::groups::converter;
use super::post::publisher;
use super::shown::{shown, stored};
use super::{Incoming, remote};
use crate::answer::Json;
use crate::caller::Caller;
use crate::error::ApiError;
use crate::paging::{self, not_too_many};
use crate::post::visible;
use crate::server::{Addressed, Shared};
use crate::storage::{Cursor, Feed, SortBy};

/// How many other servers are asked for one list.
const MOST_SERVERS: usize = 10;

pub(super) async fn list(
    Addressed(server): Addressed,
    caller: Caller,
    Incoming(asked): Incoming<ListPosts>,
) -> Result<Json, ApiError> {
    let wanted = Wanted::read(&server, &asked)?;
    let others = match asked.asked_fetch() {
        Some(fetch @ (Fetch::True | Fetch::Force)) => {
            caller.require(&Scope::ReadPosts)?;
            Some(fetch)
        }
        _ => None,
    };
    let mut posts = Vec::new();
    if others != Some(Fetch::Force) || wanted.entities.is_empty() {
        posts.extend(own(&server, &caller, &wanted).await?);
    }
    if others.is_some() {
        for entity in wanted.entities.iter().take(MOST_SERVERS) {
            posts.extend(remote::posts(&server, entity, wanted.as_list()).await?);
        }
        once_each(&mut posts, wanted.limit);
    }
    let converter = converter(&server).await?;
    let mut all = Vec::with_capacity(posts.len());
    for post in posts {
        let view = wanted.view_of(&post);
        let part = match view {
            Some(view) => &post.seen_as(view),
            None => &post,
        };
        all.extend(shown(&converter, part, view).ok());
    }
    Json::new(&all)
}

/// What a list asks for.
struct Wanted {
    entities: Vec<Entity>,
    /// The bases of types, and the views in which they are wanted.
    types: BTreeMap<String, Option<String>>,
    /// The bases of types that are not wanted.
    ignored: Vec<String>,
    since: Option<PostId>,
    before: Option<PostId>,
    since_time: Option<Timestamp>,
    before_time: Option<Timestamp>,
    limit: u32,
}

impl Wanted {
    fn read(server: &Shared, asked: &ListPosts) -> Result<Self, ApiError> {
        let entities = asked.asked_entities();
        let entities = entities.map(|host| publisher(server, Some(&host)));
        let mut types = BTreeMap::new();
        let mut ignored = Vec::new();
        for reference in not_too_many("post_types", asked.asked_types().collect())? {
            let view = reference.view.clone().filter(|view| view != "full");
            let uri = reference.to_uri();
            let base = uri.as_ref().map(TypeUri::base).unwrap_or_default();
            match view.as_deref() {
                Some("ignore") => ignored.push(base.to_owned()),
                _ => drop(types.insert(base.to_owned(), view)),
            }
        }
        Ok(Self {
            entities: not_too_many("entity", entities.collect::<Result<_, _>>()?)?,
            types,
            ignored,
            since: asked.asked_since(),
            before: asked.asked_before(),
            since_time: asked.asked_since_time(),
            before_time: asked.asked_before_time(),
            limit: asked
                .asked_limit()
                .unwrap_or(paging::LIMIT)
                .min(paging::MOST),
        })
    }

    /// The view in which a post is wanted, when that is not all of it.
    fn view_of(&self, post: &Post) -> Option<&str> {
        let base = post.post_type.as_ref().map(TypeUri::base);
        self.types.get(base.unwrap_or_default())?.as_deref()
    }

    /// The same list, of another server.
    fn as_list(&self) -> call::ListPosts {
        let mut list = call::ListPosts::new()
            .limit(self.limit)
            .sort_by(call::SortBy::PublishedAt);
        for base in self.types.keys() {
            list = list.post_type(&base.as_str().into());
        }
        if let [entity] = &*self.entities {
            list = self
                .since
                .iter()
                .fold(list, |list, id| list.since(Some(entity), id));
            list = self
                .before
                .iter()
                .fold(list, |list, id| list.before(Some(entity), id));
        }
        list = self
            .since_time
            .into_iter()
            .fold(list, call::ListPosts::since_time);
        self.before_time
            .into_iter()
            .fold(list, call::ListPosts::before_time)
    }
}

/// The posts that are stored here.
async fn own(server: &Shared, caller: &Caller, wanted: &Wanted) -> Result<Vec<Post>, ApiError> {
    let feed = Feed {
        visible: visible(caller),
        own_only: false,
        sort_by: SortBy::Published,
        ascending: false,
        limit: wanted.limit,
        since: cursor(server, wanted, wanted.since.as_ref()).await?,
        before: cursor(server, wanted, wanted.before.as_ref()).await?,
        until: None,
        since_time: wanted.since_time.map(Timestamp::epoch_seconds),
        before_time: wanted.before_time.map(Timestamp::epoch_seconds),
        publishers: wanted.entities.clone(),
        type_bases: wanted.types.keys().cloned().collect(),
        mentioned_entity: None,
        mentioned_post: None,
    };
    let found = server.database.posts(server.account.key, feed).await?;
    let posts = found.iter().map(stored);
    let mut posts = posts.collect::<Result<Vec<_>, _>>()?;
    posts.retain(|post| {
        let base = post.post_type.as_ref().map(TypeUri::base);
        !wanted
            .ignored
            .iter()
            .any(|ignored| Some(ignored.as_str()) == base)
    });
    Ok(posts)
}

/// The post of an id: of the only entity that is asked for, or else whoever has one that is known here.
async fn cursor(
    server: &Shared,
    wanted: &Wanted,
    id: Option<&PostId>,
) -> Result<Option<Cursor>, ApiError> {
    let Some(id) = id.cloned() else {
        return Ok(None);
    };
    let publisher = match &*wanted.entities {
        [entity] => Some(entity.clone()),
        _ => {
            server
                .database
                .publisher(server.account.key, id.clone())
                .await?
        }
    };
    let publisher = publisher.unwrap_or_else(|| server.account.entity.clone());
    Ok(Some(Cursor { publisher, id }))
}

/// Newest first, each once, and no more than so many.
fn once_each(posts: &mut Vec<Post>, limit: u32) {
    let name = |post: &Post| (post.entity.clone(), post.id.clone());
    posts.sort_by_cached_key(|post| (std::cmp::Reverse(post.published_at), name(post)));
    posts.dedup_by_key(|post| name(post));
    posts.truncate(limit as usize);
}
