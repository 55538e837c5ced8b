//! Posts that are new.

use std::collections::HashMap;

use super::read;
use crate::storage::condition::group_as_reader;
use crate::storage::postgres::connection::{Db, json};
use crate::storage::postgres::text::escaped;
use crate::storage::postgres::{attachments, mentions, queue};
use crate::storage::row::Row as _;
use crate::storage::{
    AccountKey, Audience, DatabaseError, NewPost, StorageError, StoredPost, Visible,
};

/// Stores a post and queues it for whoever is to get it.
pub(in crate::storage::postgres) async fn create(
    db: &Db,
    account: AccountKey,
    post: &NewPost,
) -> Result<StoredPost, StorageError> {
    create_notice(db, account, post, &post.audience, None).await
}

/// Stores a post for this audience, which may be the notice that `another` is gone.
pub(in crate::storage::postgres) async fn create_notice(
    db: &Db,
    account: AccountKey,
    post: &NewPost,
    audience: &Audience,
    another: Option<i64>,
) -> Result<StoredPost, StorageError> {
    let stored = store(db, account, &[(post, audience)], another).await?;
    Ok(stored.into_iter().next().ok_or(DatabaseError::Missing)?)
}

/// Stores posts in this order, with as many statements as it takes for one.
pub(in crate::storage::postgres) async fn create_all(
    db: &Db,
    account: AccountKey,
    posts: &[&NewPost],
) -> Result<Vec<StoredPost>, StorageError> {
    let posts: Vec<_> = posts.iter().map(|post| (*post, &post.audience)).collect();
    store(db, account, &posts, None).await
}

/// A new post, and for whom it is.
type New<'a> = (&'a NewPost, &'a Audience);

async fn store(
    db: &Db,
    account: AccountKey,
    posts: &[New<'_>],
    another: Option<i64>,
) -> Result<Vec<StoredPost>, StorageError> {
    let stored: Vec<_> = posts.iter().map(as_stored).collect::<Result<_, _>>()?;
    let mut keys = insert(db, account, posts, &stored).await?;
    let (mut all, mut added) = (Vec::new(), Vec::new());
    for (new, stored) in posts.iter().zip(stored) {
        let (post, _) = new;
        let name = (
            post.publisher.as_str().to_owned(),
            post.id.as_str().to_owned(),
        );
        if let Some(key) = keys.remove(&name) {
            added.push((key, *new));
            all.push(stored);
        } else {
            let found = read(db, account, &post.publisher, &post.id, &Visible::All).await?;
            all.push(found.ok_or(DatabaseError::Missing)?);
        }
    }
    store_parts(db, &added).await?;
    // What was got elsewhere before is history, of which nobody is told.
    let news = added
        .iter()
        .filter(|(_, (post, _))| post.received_at == post.updated_at);
    let news: Vec<i64> = news.map(|(key, _)| *key).collect();
    if !news.is_empty() {
        queue::queue(db, &news, another).await?;
    }
    Ok(all)
}

fn as_stored((post, audience): &New<'_>) -> Result<StoredPost, StorageError> {
    Ok(StoredPost {
        publisher: post.publisher.clone(),
        id: post.id.clone(),
        public: audience.public,
        received_at: post.received_at,
        updated_at: post.updated_at,
        version: post.version,
        members: post.members.clone(),
        entities: json(&audience.entities)?,
        groups: json(&audience.groups)?,
        views: post.views.clone(),
    })
}

/// The keys of those that were not there yet, by publisher and id.
async fn insert(
    db: &Db,
    account: AccountKey,
    posts: &[New<'_>],
    stored: &[StoredPost],
) -> Result<HashMap<(String, String), i64>, StorageError> {
    let new = || posts.iter().map(|(post, _)| post);
    let texts = |text: fn(&StoredPost) -> &str| {
        let texts = stored.iter().map(|post| escaped(text(post)));
        texts.collect::<Vec<_>>()
    };
    let numbers = |number: fn(&NewPost) -> i64| new().map(|post| number(post)).collect::<Vec<_>>();
    let public: Vec<_> = stored.iter().map(|post| post.public).collect();
    let bases: Vec<_> = new().map(|post| escaped(post.post_type.base())).collect();
    let types: Vec<_> = new().map(|post| escaped(post.post_type.as_str())).collect();
    let views: Vec<_> = new()
        .map(|post| post.views.as_deref().map(escaped))
        .collect();
    let rows = db.rows(
        "INSERT INTO posts (entity_id, publisher, id, own, public, type_base, type, published_at, received_at, updated_at,
             version, members, entities, groups, views)
         SELECT $1, publisher, id, publisher = (SELECT entity FROM entities WHERE id = $1), public, type_base, type,
             published_at, received_at, updated_at, version, members, entities, groups, views
         FROM unnest($2::TEXT[], $3::TEXT[], $4::BOOLEAN[], $5::TEXT[], $6::TEXT[], $7::BIGINT[], $8::BIGINT[], $9::BIGINT[],
                 $10::BIGINT[], $11::TEXT[], $12::TEXT[], $13::TEXT[], $14::TEXT[])
             AS new (publisher, id, public, type_base, type,
                 published_at, received_at, updated_at, version, members, entities, groups, views)
         ON CONFLICT DO NOTHING
         RETURNING publisher, id, key",
        &[
            &account.0,
            &texts(|post| post.publisher.as_str()),
            &texts(|post| post.id.as_str()),
            &public,
            &bases,
            &types,
            &numbers(|post| post.published_at),
            &numbers(|post| post.received_at),
            &numbers(|post| post.updated_at),
            &numbers(|post| post.version.into()),
            &texts(|post| &post.members),
            &texts(|post| &post.entities),
            &texts(|post| &post.groups),
            &views,
        ],
    ).await?;
    let keys = rows
        .iter()
        .map(|row| Ok(((row.at(0)?, row.at(1)?), row.at(2)?)));
    keys.collect()
}

/// Stores what is kept beside the rows of posts that were added.
async fn store_parts(db: &Db, added: &[(i64, New<'_>)]) -> Result<(), StorageError> {
    let mentions = added
        .iter()
        .map(|(key, (post, _))| (*key, post.mentions.as_slice()));
    mentions::store(db, mentions).await?;
    for (key, (post, _)) in added {
        attachments::store(db, *key, post.version, &post.attachments).await?;
    }
    store_readers(db, added).await
}

async fn store_readers(db: &Db, added: &[(i64, New<'_>)]) -> Result<(), StorageError> {
    let (mut posts, mut readers) = (Vec::new(), Vec::new());
    for (key, (_, audience)) in added {
        let entities = audience.entities.keys().map(|entity| entity.to_string());
        for reader in entities.chain(audience.groups.iter().map(group_as_reader)) {
            posts.push(*key);
            readers.push(escaped(&reader).into_owned());
        }
    }
    if !readers.is_empty() {
        let sql =
            "INSERT INTO readers (post, reader) SELECT * FROM unnest($1::BIGINT[], $2::TEXT[])";
        db.execute(sql, &[&posts, &readers]).await?;
    }
    Ok(())
}
