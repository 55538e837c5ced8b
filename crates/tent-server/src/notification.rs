//! Posts that arrive from other servers: `POST /notifications/:id`, and `POST /posts` of others.
//!
//! What is signed by the server of a follower, or of somebody who is followed, is taken from the entity
//! that has that server. What is not signed is only a claim: the post is fetched from the entity that
//! is said to have published it, or else is none.
//!
//! Source: tent.io 0.2, server-protocol; `docs/protocol.md` §6.9.3 and §10.7.

mod foreign;
mod stranger;

use axum::extract::{FromRequest, Request};
use http::Method;
use tent_proto::call::{ReceiveError, Received};
use tent_proto::model::{Deletion, Post};
use tent_proto::{Entity, PostId, Scope, TypeUri, json};

use self::foreign::foreign;
use crate::answer::Json;
use crate::caller::{Caller, holds};
use crate::delivery::Errand;
use crate::error::ApiError;
use crate::incoming;
use crate::post::Seen;
use crate::server::{self, Addressed, Shared};
use crate::storage::{AccountKey, NewPost, RelationName, Side, Stamp, Storage, StoredPost};

/// How many posts one request may bring.
const MOST: usize = 50;

/// A `POST` of one post, or of several.
pub(crate) struct Notification {
    following: String,
    posts: Posts,
}

enum Posts {
    One(Box<Post>),
    Several(Vec<Post>),
}

impl FromRequest<()> for Notification {
    type Rejection = ApiError;

    async fn from_request(request: Request, (): &()) -> Result<Self, ApiError> {
        let server = &server::of(request.extensions())?;
        incoming::read(request, server, incoming::LIMIT, |received| {
            let [following] = received.matching(&Method::POST, "notifications/:id")?;
            Ok(Self {
                following: following.to_owned(),
                posts: posts(received)?,
            })
        })
        .await
    }
}

fn posts(received: &Received<'_>) -> Result<Posts, ReceiveError> {
    match received.json() {
        Ok(post) => Ok(Posts::One(Box::new(post))),
        // Of JSON, that is: servers of the draft send lists.
        Err(ReceiveError::NotAnObject) => json::decode(received.body())
            .map(Posts::Several)
            .map_err(ReceiveError::Body),
        Err(error) => Err(error),
    }
}

pub(crate) async fn create(
    Addressed(server): Addressed,
    caller: Caller,
    Notification { following, posts }: Notification,
) -> Result<Json, ApiError> {
    let name = RelationName::Id(following);
    let found = server
        .database
        .relation(server.account.key, Side::Following, name)
        .await?;
    found.ok_or_else(ApiError::not_found)?;
    let posts = match posts {
        Posts::One(post) => return Ok(Json::text(receive(&server, &caller, *post).await?)),
        Posts::Several(posts) if posts.len() > MOST => {
            let text = format!("there are more than {MOST} posts");
            return Err(ApiError::invalid(text));
        }
        Posts::Several(posts) => posts,
    };
    let mut received = Vec::with_capacity(posts.len());
    let mut stamp = caller.stamp();
    for post in posts {
        let publisher = publisher(&server, &caller, &post).await?;
        received.push(take(&server, post, publisher, stamp.take()).await?);
    }
    Ok(Json::text(format!("[{}]", received.join(","))))
}

/// Takes a post of another entity, and gives the stored one as its server may see it.
///
/// # Errors
///
/// When the caller may not bring it.
pub(crate) async fn receive(
    server: &Shared,
    caller: &Caller,
    post: Post,
) -> Result<String, ApiError> {
    if caller.is_anonymous() {
        return stranger::receive(server, post).await;
    }
    let publisher = publisher(server, caller, &post).await?;
    take(server, post, publisher, caller.stamp()).await
}

/// Who has published the post, if the caller's server is theirs.
async fn publisher(server: &Shared, caller: &Caller, post: &Post) -> Result<Entity, ApiError> {
    let (entity, _) = caller.as_server().ok_or_else(ApiError::unauthorized)?;
    let is_own = entity.is_same_page(&server.account.entity);
    let claimed = post.entity.as_ref().filter(|_| !is_own);
    match claimed.is_some_and(|claimed| claimed.is_same_page(entity)) {
        true => Ok(entity.clone()),
        false => Err(ApiError::unauthorized()),
    }
}

/// Takes a post that is known to be its publisher's.
async fn take(
    server: &Shared,
    mut post: Post,
    publisher: Entity,
    stamp: Option<Stamp>,
) -> Result<String, ApiError> {
    post.received_at = None;
    let is_profile = is(&post, &TypeUri::profile());
    let (account, now) = (server.account.key, server.now());
    let database = &*server.database;
    let stored = store(database, account, post, publisher.clone(), now, stamp).await?;
    if is_profile {
        let owner = (&server.account).into();
        server.deliveries.run(Errand::Profile(owner, publisher));
    }
    Ok(Seen::by_server().text(&stored)?)
}

/// Brings in a post of another entity, for an app that may.
pub(crate) async fn import(
    server: &Shared,
    caller: &Caller,
    post: Post,
) -> Result<StoredPost, ApiError> {
    let grant = caller.require(&Scope::ImportPosts)?;
    let is_granted = |post_type| holds(&grant.post_types, post_type);
    if !post.post_type.as_ref().is_some_and(is_granted) {
        return Err(ApiError::unauthorized());
    }
    let publisher = post.entity.clone().ok_or_else(ApiError::unauthorized)?;
    let (account, now) = (server.account.key, server.now());
    let (database, stamp) = (&*server.database, caller.stamp());
    store(database, account, post, publisher, now, stamp).await
}

/// Stores a post that is known to be its publisher's.
pub(crate) async fn store(
    database: &dyn Storage,
    account: AccountKey,
    post: Post,
    publisher: Entity,
    now: i64,
    stamp: Option<Stamp>,
) -> Result<StoredPost, ApiError> {
    let deletes = deleted(&post);
    let new = foreign(post, &publisher, now)?;
    let shown = shown(&new);
    let stored = database.receive_post(account, new, deletes, stamp).await?;
    Ok(stored.unwrap_or(shown))
}

fn is(post: &Post, post_type: &TypeUri) -> bool {
    let found = post.post_type.as_ref();
    found.is_some_and(|found| found.base() == post_type.base())
}

/// The post that this one says is gone.
fn deleted(post: &Post) -> Option<PostId> {
    is(post, &TypeUri::delete())
        .then(|| post.content::<Deletion>().ok()?.id)
        .flatten()
}

/// The post as it would be stored, if its entity had not deleted it.
fn shown(new: &NewPost) -> StoredPost {
    StoredPost {
        publisher: new.publisher.clone(),
        id: new.id.clone(),
        public: new.audience.public,
        received_at: new.received_at,
        updated_at: new.updated_at,
        version: new.version,
        members: new.members.clone(),
        entities: "{}".to_owned(),
        groups: "[]".to_owned(),
        views: None,
    }
}
