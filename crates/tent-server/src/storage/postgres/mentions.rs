//! Which posts mention which.

use tent_proto::model::Mention;
use tent_proto::{PostId, TypeUri};

use super::connection::{Db, borrowed};
use super::posts;
use super::text::escaped;
use crate::storage::condition::Condition;
use crate::storage::row::{self, Row as _};
use crate::storage::value::Value;
use crate::storage::{AccountKey, Cursor, MentionPage, MentioningPost, StorageError, Visible};

/// Stores whom a post mentions, in place of whom it did.
pub(super) async fn replace(db: &Db, post: i64, mentions: &[Mention]) -> Result<(), StorageError> {
    db.execute("DELETE FROM mentions WHERE post = $1", &[&post])
        .await?;
    store(db, [(post, mentions)]).await
}

/// Stores whom new posts mention.
pub(super) async fn store<'a>(
    db: &Db,
    all: impl IntoIterator<Item = (i64, &'a [Mention])>,
) -> Result<(), StorageError> {
    let (mut posts, mut entities, mut mentioned) = (Vec::new(), Vec::new(), Vec::new());
    for (post, mentions) in all {
        for mention in mentions {
            let Some(entity) = &mention.entity else {
                continue;
            };
            posts.push(post);
            entities.push(escaped(entity.as_str()));
            mentioned.push(escaped(mention.post.as_ref().map_or("", PostId::as_str)));
        }
    }
    if posts.is_empty() {
        return Ok(());
    }
    db.execute(
        "INSERT INTO mentions (post, entity, mentioned) SELECT * FROM unnest($1::BIGINT[], $2::TEXT[], $3::TEXT[])
         ON CONFLICT DO NOTHING",
        &[&posts, &entities, &mentioned],
    )
    .await?;
    Ok(())
}

/// The public posts that mention this one; `None` when it is not seen itself.
async fn condition(
    db: &Db,
    account: AccountKey,
    post: &Cursor,
    type_bases: &[String],
    visible: &Visible,
) -> Result<Option<Condition>, StorageError> {
    let seen = posts::key(db, account, post, visible).await?;
    Ok(seen.map(|_| Condition::mentioning(account, post, type_bases)))
}

pub(super) async fn page(
    db: &Db,
    account: AccountKey,
    post: &Cursor,
    page: &MentionPage,
    visible: &Visible,
) -> Result<Option<Vec<MentioningPost>>, StorageError> {
    let condition = condition(db, account, post, &page.type_bases, visible);
    let Some(mut condition) = condition.await? else {
        return Ok(None);
    };
    for (cursor, comparison) in [(&page.since, '>'), (&page.before, '<')] {
        let Some(cursor) = cursor else { continue };
        let Some(place) = place(db, account, cursor).await? else {
            return Ok(Some(Vec::new()));
        };
        condition.and(&format!("(received_at, key) {comparison} (?, ?)"), place);
    }
    // The page next to the upper bound, when that is all there is.
    let is_backward = page.before.is_some() && page.since.is_none();
    let direction = if is_backward { "DESC" } else { "ASC" };
    let limit = condition.value(page.limit);
    let sql = format!(
        "SELECT publisher, id, type FROM posts WHERE {}
         ORDER BY received_at {direction}, key {direction} LIMIT {limit}",
        condition.sql()
    );
    let rows = db.rows(&sql, &borrowed(&condition.values())).await?;
    let found = rows.iter().map(|row| {
        Ok(MentioningPost {
            publisher: row::entity(row.at(0)?)?,
            id: row.at::<String>(1)?.into(),
            post_type: TypeUri::from(row.at::<String>(2)?),
        })
    });
    let mut found: Vec<_> = found.collect::<Result<_, StorageError>>()?;
    if is_backward {
        found.reverse();
    }
    Ok(Some(found))
}

/// Where a mentioning post is among the others.
async fn place(
    db: &Db,
    account: AccountKey,
    cursor: &Cursor,
) -> Result<Option<[Value; 2]>, StorageError> {
    let sql = "SELECT received_at, key FROM posts
         WHERE entity_id = $1 AND publisher = $2 AND id = $3 AND public";
    let (publisher, id) = (cursor.publisher.as_str(), cursor.id.as_str());
    let row = db.row(sql, &[&account.0, &publisher, &id]).await?;
    row.map(|row| Ok([row.at::<i64>(0)?.into(), row.at::<i64>(1)?.into()]))
        .transpose()
}

pub(super) async fn count(
    db: &Db,
    account: AccountKey,
    post: &Cursor,
    type_bases: &[String],
    visible: &Visible,
) -> Result<Option<u64>, StorageError> {
    let condition = condition(db, account, post, type_bases, visible).await?;
    let Some(condition) = condition else {
        return Ok(None);
    };
    posts::count(db, condition).await.map(Some)
}
