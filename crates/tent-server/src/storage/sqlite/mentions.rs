//! Which posts mention which.

use rusqlite::Connection;
use tent_proto::model::Mention;
use tent_proto::{PostId, TypeUri};

use super::posts;
use crate::storage::condition::Condition;
use crate::storage::row;
use crate::storage::value::Value;
use crate::storage::{AccountKey, Cursor, MentionPage, MentioningPost, StorageError, Visible};

/// Stores whom a post mentions, in place of whom it did.
pub(super) fn replace(
    db: &Connection,
    post: i64,
    mentions: &[Mention],
) -> Result<(), StorageError> {
    db.prepare_cached("DELETE FROM mentions WHERE post = ?1")?
        .execute([post])?;
    store(db, post, mentions)
}

/// Stores whom a new post mentions.
pub(super) fn store(db: &Connection, post: i64, mentions: &[Mention]) -> Result<(), StorageError> {
    let mut mention = db.prepare_cached(
        "INSERT OR IGNORE INTO mentions (post, entity, mentioned) VALUES (?1, ?2, ?3)",
    )?;
    for mentioned in mentions {
        let Some(entity) = &mentioned.entity else {
            continue;
        };
        let id = mentioned.post.as_ref().map_or("", PostId::as_str);
        mention.execute((post, entity.as_str(), id))?;
    }
    Ok(())
}

/// The public posts that mention this one; `None` when it is not seen itself.
fn condition(
    db: &Connection,
    account: AccountKey,
    post: &Cursor,
    type_bases: &[String],
    visible: &Visible,
) -> Result<Option<Condition>, StorageError> {
    if posts::key(db, account, post, visible)?.is_none() {
        return Ok(None);
    }
    Ok(Some(Condition::mentioning(account, post, type_bases)))
}

pub(super) fn page(
    db: &Connection,
    account: AccountKey,
    post: &Cursor,
    page: &MentionPage,
    visible: &Visible,
) -> Result<Option<Vec<MentioningPost>>, StorageError> {
    let Some(mut condition) = condition(db, account, post, &page.type_bases, visible)? else {
        return Ok(None);
    };
    for (cursor, comparison) in [(&page.since, '>'), (&page.before, '<')] {
        let Some(cursor) = cursor else { continue };
        let Some(place) = place(db, account, cursor)? else {
            return Ok(Some(Vec::new()));
        };
        condition.and(&format!("(received_at, key) {comparison} (?, ?)"), place);
    }
    // The page next to the upper bound, when that is all there is.
    let is_backward = page.before.is_some() && page.since.is_none();
    let direction = if is_backward { "DESC" } else { "ASC" };
    let limit = condition.value(page.limit);
    let sql = format!(
        "SELECT publisher, id, type FROM posts WHERE {} ORDER BY received_at {direction}, key {direction} LIMIT {limit}",
        condition.sql()
    );
    let mut query = db.prepare_cached(&sql)?;
    let mut rows = query.query(condition.params())?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(MentioningPost {
            publisher: row::entity(row.get(0)?)?,
            id: row.get::<_, String>(1)?.into(),
            post_type: TypeUri::from(row.get::<_, String>(2)?),
        });
    }
    if is_backward {
        found.reverse();
    }
    Ok(Some(found))
}

/// Where a mentioning post is among the others.
fn place(
    db: &Connection,
    account: AccountKey,
    cursor: &Cursor,
) -> Result<Option<[Value; 2]>, StorageError> {
    let found = posts::read(db, account, &cursor.publisher, &cursor.id, &Visible::All)?;
    let key = posts::key(db, account, cursor, &Visible::All)?;
    let place = found.filter(|post| post.public).zip(key);
    Ok(place.map(|(post, key)| [post.received_at.into(), key.into()]))
}

pub(super) fn count(
    db: &Connection,
    account: AccountKey,
    post: &Cursor,
    type_bases: &[String],
    visible: &Visible,
) -> Result<Option<u64>, StorageError> {
    let Some(condition) = condition(db, account, post, type_bases, visible)? else {
        return Ok(None);
    };
    let sql = format!("SELECT count(*) FROM posts WHERE {}", condition.sql());
    let count: i64 = db
        .prepare_cached(&sql)?
        .query_row(condition.params(), |row| row.get(0))?;
    Ok(Some(count.unsigned_abs()))
}
