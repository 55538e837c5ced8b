//! Posts that are new.

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
    let Some((key, stored)) = insert(db, account, post, audience).await? else {
        let found = read(db, account, &post.publisher, &post.id, &Visible::All).await?;
        return Ok(found.ok_or(DatabaseError::Missing)?);
    };
    mentions::store(db, key, &post.mentions).await?;
    attachments::store(db, key, post.version, &post.attachments).await?;
    store_readers(db, key, audience).await?;
    // What was got elsewhere before is history, of which nobody is told.
    if post.received_at == post.updated_at {
        queue::queue(db, key, another).await?;
    }
    Ok(stored)
}

/// The row of a new post, and the post; `None` when it is there already.
async fn insert(
    db: &Db,
    account: AccountKey,
    post: &NewPost,
    audience: &Audience,
) -> Result<Option<(i64, StoredPost)>, StorageError> {
    let sql = format!(
        "INSERT INTO posts (entity_id, publisher, id, own, public, type_base, type, published_at, received_at, updated_at,
             version, members, entities, groups, views)
         VALUES ($1, $2, $3, $2 = (SELECT entity FROM entities WHERE id = $1), $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
         ON CONFLICT DO NOTHING
         RETURNING {}, key",
        StoredPost::COLUMNS
    );
    let row = db
        .row(
            &sql,
            &[
                &account.0,
                &post.publisher.as_str(),
                &post.id.as_str(),
                &audience.public,
                &post.post_type.base(),
                &post.post_type.as_str(),
                &post.published_at,
                &post.received_at,
                &post.updated_at,
                &i64::from(post.version),
                &post.members,
                &json(&audience.entities)?,
                &json(&audience.groups)?,
                &post.views,
            ],
        )
        .await?;
    row.map(|row| Ok((row.column("key")?, StoredPost::read(&row)?)))
        .transpose()
}

async fn store_readers(db: &Db, post: i64, audience: &Audience) -> Result<(), StorageError> {
    let entities = audience.entities.keys().map(|entity| entity.to_string());
    let groups = audience.groups.iter().map(group_as_reader);
    let readers = entities.chain(groups);
    let readers: Vec<_> = readers
        .map(|reader| escaped(&reader).into_owned())
        .collect();
    if !readers.is_empty() {
        let sql = "INSERT INTO readers (post, reader) SELECT $1, unnest($2::TEXT[])";
        db.execute(sql, &[&post, &readers]).await?;
    }
    Ok(())
}
