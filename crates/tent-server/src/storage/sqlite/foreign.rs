//! Posts of other entities, as they arrive.

use rusqlite::{Connection, OptionalExtension};
use tent_proto::{Entity, PostId};

use super::versions::Version;
use super::{deliveries, mentions, posts, versions};
use crate::storage::condition::Condition;
use crate::storage::{AccountKey, NewPost, StorageError, StoredPost, Visible};

/// Stores a post that arrived, or the version that it is of one that is there. A version that is no
/// higher than the stored one changes nothing. `None` when its entity has deleted it.
pub(super) fn receive(
    db: &Connection,
    account: AccountKey,
    post: &NewPost,
    deletes: Option<&PostId>,
) -> Result<Option<StoredPost>, StorageError> {
    if is_deleted(db, account, post)? {
        return Ok(None);
    }
    match stored(db, account, post)? {
        Some(old) if old.version >= post.version => {}
        Some(old) => replace(db, &old, post)?,
        None => {
            posts::create(db, account, post)?;
        }
    }
    if let Some(id) = deletes {
        delete(db, account, &post.publisher, id)?;
    }
    posts::read(db, account, &post.publisher, &post.id, &Visible::All)
}

fn is_deleted(db: &Connection, account: AccountKey, post: &NewPost) -> Result<bool, StorageError> {
    let mut query = db.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM deletions WHERE entity_id = ?1 AND publisher = ?2 AND id = ?3)",
    )?;
    let name = (account.0, post.publisher.as_str(), post.id.as_str());
    Ok(query.query_row(name, |row| row.get(0))?)
}

fn stored(
    db: &Connection,
    account: AccountKey,
    post: &NewPost,
) -> Result<Option<Version>, StorageError> {
    let condition = Condition::post(account, &post.publisher, &post.id);
    let mut query = db.prepare_cached(&format!(
        "SELECT key, version, updated_at, members, views FROM posts WHERE {}",
        condition.sql()
    ))?;
    let found = query.query_row(condition.params(), Version::read);
    Ok(found.optional()?)
}

fn replace(db: &Connection, old: &Version, new: &NewPost) -> Result<(), StorageError> {
    versions::keep(db, old)?;
    db.prepare_cached(
        "UPDATE posts SET public = ?2, type_base = ?3, type = ?4, published_at = ?5, updated_at = ?6,
             version = ?7, members = ?8 WHERE key = ?1",
    )?
    .execute((
        old.key,
        new.audience.public,
        new.post_type.base(),
        new.post_type.as_str(),
        new.published_at,
        new.updated_at,
        new.version,
        &new.members,
    ))?;
    mentions::replace(db, old.key, &new.mentions)?;
    deliveries::queue_again(db, old.key)
}

/// Deletes a post of the entity that says so, and remembers that for when the post comes later.
fn delete(
    db: &Connection,
    account: AccountKey,
    publisher: &Entity,
    id: &PostId,
) -> Result<(), StorageError> {
    let name = (account.0, publisher.as_str(), id.as_str());
    db.prepare_cached(
        "DELETE FROM posts WHERE entity_id = ?1 AND publisher = ?2 AND id = ?3 AND NOT own",
    )?
    .execute(name)?;
    db.prepare_cached(
        "INSERT OR IGNORE INTO deletions (entity_id, publisher, id) VALUES (?1, ?2, ?3)",
    )?
    .execute(name)?;
    Ok(())
}
