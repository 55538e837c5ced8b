//! Posts that are new.

use rusqlite::Connection;

use super::read;
use crate::storage::condition::group_as_reader;
use crate::storage::sqlite::{attachments, deliveries, json, mentions};
use crate::storage::{AccountKey, Audience, NewPost, StorageError, StoredPost, Visible};

/// Stores a post and queues it for whoever is to get it.
pub(in crate::storage::sqlite) fn create(
    db: &Connection,
    account: AccountKey,
    post: &NewPost,
) -> Result<StoredPost, StorageError> {
    create_notice(db, account, post, None)
}

/// Stores a post, which may be the notice that `another` is gone.
pub(in crate::storage::sqlite) fn create_notice(
    db: &Connection,
    account: AccountKey,
    post: &NewPost,
    another: Option<i64>,
) -> Result<StoredPost, StorageError> {
    let entities = json::write(&post.audience.entities)?;
    let groups = json::write(&post.audience.groups)?;
    let stored = db
        .prepare_cached(
            "INSERT INTO posts (entity_id, publisher, id, own, public, type_base, type, published_at, received_at, updated_at,
                 version, members, entities, groups, views)
             VALUES (?1, ?2, ?3, ?2 = (SELECT entity FROM entities WHERE id = ?1), ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
             ON CONFLICT DO NOTHING",
        )?
        .execute((
            account.0,
            post.publisher.as_str(),
            post.id.as_str(),
            post.audience.public,
            post.post_type.base(),
            post.post_type.as_str(),
            post.published_at,
            post.received_at,
            post.updated_at,
            post.version,
            &post.members,
            &entities,
            &groups,
            &post.views,
        ))?;
    if stored == 0 {
        let found = read(db, account, &post.publisher, &post.id, &Visible::All)?;
        return found.ok_or_else(|| rusqlite::Error::QueryReturnedNoRows.into());
    }
    let key = db.last_insert_rowid();
    mentions::store(db, key, &post.mentions)?;
    attachments::store(db, key, post.version, &post.attachments)?;
    store_readers(db, key, &post.audience)?;
    // What was got elsewhere before is history, of which nobody is told.
    if post.received_at == post.updated_at {
        match another {
            None if post.mentions.is_empty() => deliveries::queue_without_mentions(db, key)?,
            _ => deliveries::queue(db, key, another)?,
        }
    }
    Ok(StoredPost {
        publisher: post.publisher.clone(),
        id: post.id.clone(),
        public: post.audience.public,
        received_at: post.received_at,
        updated_at: post.updated_at,
        version: post.version,
        members: post.members.clone(),
        entities,
        groups,
        views: post.views.clone(),
    })
}

fn store_readers(db: &Connection, post: i64, audience: &Audience) -> Result<(), StorageError> {
    let mut reader = db.prepare_cached("INSERT INTO readers (post, reader) VALUES (?1, ?2)")?;
    for entity in audience.entities.keys() {
        reader.execute((post, entity.as_str()))?;
    }
    for group in &audience.groups {
        reader.execute((post, group_as_reader(group)))?;
    }
    Ok(())
}
