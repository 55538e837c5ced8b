//! Lists of posts. Pages begin at a key, by an index, so no page is dearer than the first; and what
//! strangers ask for is looked for among what they may see alone, however much else there is.

use rusqlite::{Connection, OptionalExtension};

use crate::post::Seen;
use crate::storage::condition::{Condition, column};
use crate::storage::page::PageWriter;
use crate::storage::value::Value;
use crate::storage::{AccountKey, Cursor, Feed, Page, StorageError, StoredPost};

/// Where a cursor is in the order of the feed; `None` when there is no such post to be seen.
fn place(
    db: &Connection,
    account: AccountKey,
    feed: &Feed,
    cursor: &Cursor,
) -> Result<Option<[Value; 2]>, StorageError> {
    let mut condition = Condition::post(account, &cursor.publisher, &cursor.id);
    condition.visible(&feed.visible);
    let sql = format!(
        "SELECT {}, key FROM posts WHERE {}",
        column(feed.sort_by),
        condition.sql()
    );
    let mut query = db.prepare_cached(&sql)?;
    Ok(query
        .query_row(condition.params(), |row| {
            Ok([row.get::<_, i64>(0)?.into(), row.get::<_, i64>(1)?.into()])
        })
        .optional()?)
}

/// The condition of the feed, cursors included; `None` when a cursor leads nowhere.
fn condition(
    db: &Connection,
    account: AccountKey,
    feed: &Feed,
) -> Result<Option<Condition>, StorageError> {
    let column = column(feed.sort_by);
    let mut condition = Condition::new(account);
    condition.filters(feed);
    for (cursor, comparison) in [(&feed.since, '>'), (&feed.before, '<'), (&feed.until, '>')] {
        let Some(cursor) = cursor else { continue };
        match place(db, account, feed, cursor)? {
            Some(place) => condition.and(&format!("({column}, key) {comparison} (?, ?)"), place),
            None if Some(cursor) == feed.until.as_ref() => {} // it is ignored then
            None => return Ok(None),
        }
    }
    Ok(Some(condition))
}

pub(super) fn posts(
    db: &Connection,
    account: AccountKey,
    feed: &Feed,
) -> Result<Vec<StoredPost>, StorageError> {
    let Some(mut condition) = condition(db, account, feed)? else {
        return Ok(Vec::new());
    };
    let sql = condition.page_sql(StoredPost::COLUMNS, feed);
    let mut query = db.prepare_cached(&sql)?;
    let mut rows = query.query(condition.params())?;
    let mut posts = Vec::new();
    while let Some(row) = rows.next()? {
        posts.push(StoredPost::read(row)?);
    }
    if feed.is_backward() {
        posts.reverse();
    }
    Ok(posts)
}

/// The same posts as somebody sees them.
pub(super) fn page(
    db: &Connection,
    account: AccountKey,
    feed: &Feed,
    seen: &Seen,
) -> Result<Page, StorageError> {
    if feed.is_backward() || !seen.is_of_whole() {
        return Page::of(&posts(db, account, feed)?, feed.limit, seen);
    }
    let mut page = PageWriter::new(seen, feed.limit);
    if let Some(mut condition) = condition(db, account, feed)? {
        let sql = condition.page_sql(page.columns(), feed);
        let mut query = db.prepare_cached(&sql)?;
        let mut rows = query.query(condition.params())?;
        while let Some(row) = rows.next()? {
            page.push(row)?;
        }
    }
    Ok(page.finish())
}

pub(super) fn count(
    db: &Connection,
    account: AccountKey,
    feed: &Feed,
) -> Result<u64, StorageError> {
    let Some(condition) = condition(db, account, feed)? else {
        return Ok(0);
    };
    let mut query = db.prepare_cached(&format!(
        "SELECT count(*) FROM posts WHERE {}",
        condition.sql()
    ))?;
    let count: i64 = query.query_row(condition.params(), |row| row.get(0))?;
    Ok(count.unsigned_abs())
}

#[cfg(test)]
mod tests;
