//! Posts of other entities, as they arrive.

use tent_proto::{Entity, PostId};

use super::connection::Db;
use super::versions::{self, Version};
use super::{attachments, mentions, posts, queue};
use crate::storage::{AccountKey, NewPost, StorageError, StoredPost, Visible};

/// Stores a post that arrived, or the version that it is of one that is there. A version that is no
/// higher than the stored one changes nothing. `None` when its entity has deleted it.
pub(super) async fn receive(
    db: &Db,
    account: AccountKey,
    post: &NewPost,
    deletes: Option<&PostId>,
) -> Result<Option<StoredPost>, StorageError> {
    if is_deleted(db, account, post).await? {
        return Ok(None);
    }
    let publisher = Some(post.publisher.as_str());
    match Version::current(db, account, publisher, &post.id).await? {
        Some(old) if old.version >= post.version => {}
        Some(old) => replace(db, &old, post).await?,
        None => {
            posts::create(db, account, post).await?;
        }
    }
    if let Some(id) = deletes {
        delete(db, account, &post.publisher, id).await?;
    }
    posts::read(db, account, &post.publisher, &post.id, &Visible::All).await
}

async fn is_deleted(db: &Db, account: AccountKey, post: &NewPost) -> Result<bool, StorageError> {
    let sql = "SELECT EXISTS (SELECT 1 FROM deletions WHERE entity_id = $1 AND publisher = $2 AND id = $3)";
    let (publisher, id) = (post.publisher.as_str(), post.id.as_str());
    db.one(sql, &[&account.0, &publisher, &id]).await
}

async fn replace(db: &Db, old: &Version, new: &NewPost) -> Result<(), StorageError> {
    versions::keep(db, old).await?;
    db.execute(
        "UPDATE posts SET public = $2, type_base = $3, type = $4, published_at = $5, updated_at = $6,
             version = $7, members = $8 WHERE key = $1",
        &[
            &old.key,
            &new.audience.public,
            &new.post_type.base(),
            &new.post_type.as_str(),
            &new.published_at,
            &new.updated_at,
            &i64::from(new.version),
            &new.members,
        ],
    )
    .await?;
    mentions::replace(db, old.key, &new.mentions).await?;
    queue::queue_again(db, old.key).await
}

/// Deletes a post of the entity that says so, and remembers that for when the post comes later.
async fn delete(
    db: &Db,
    account: AccountKey,
    publisher: &Entity,
    id: &PostId,
) -> Result<(), StorageError> {
    let (publisher, id) = (publisher.as_str(), id.as_str());
    let named = "entity_id = $1 AND publisher = $2 AND id = $3 AND NOT own";
    let posts = format!("SELECT key FROM posts WHERE {named}");
    attachments::release(db, &posts, &[&account.0, &publisher, &id]).await?;
    let sql = format!("DELETE FROM posts WHERE {named}");
    db.execute(&sql, &[&account.0, &publisher, &id]).await?;
    let sql = "INSERT INTO deletions (entity_id, publisher, id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
    db.execute(sql, &[&account.0, &publisher, &id]).await?;
    Ok(())
}
