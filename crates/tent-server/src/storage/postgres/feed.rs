//! Lists of posts. Pages begin at a key, by an index, so no page is dearer than the first; and what
//! strangers ask for is looked for among what they may see alone, however much else there is.

use super::connection::{Db, borrowed};
use super::posts;
use crate::post::Seen;
use crate::storage::condition::{Condition, column};
use crate::storage::page::PageWriter;
use crate::storage::row::Row as _;
use crate::storage::value::Value;
use crate::storage::{AccountKey, Cursor, Feed, Page, StorageError, StoredPost};

/// Where a cursor is in the order of the feed; `None` when there is no such post to be seen.
async fn place(
    db: &Db,
    account: AccountKey,
    feed: &Feed,
    cursor: &Cursor,
) -> Result<Option<[Value; 2]>, StorageError> {
    let mut condition = Condition::post(account, &cursor.publisher, &cursor.id);
    condition.visible(&feed.visible);
    let (column, condition_sql) = (column(feed.sort_by), condition.sql());
    let sql = format!("SELECT {column}, key FROM posts WHERE {condition_sql}");
    let row = db.row(&sql, &borrowed(&condition.values())).await?;
    row.map(|row| Ok([row.at::<i64>(0)?.into(), row.at::<i64>(1)?.into()]))
        .transpose()
}

/// The condition of the feed, cursors included; `None` when a cursor leads nowhere.
async fn condition(
    db: &Db,
    account: AccountKey,
    feed: &Feed,
) -> Result<Option<Condition>, StorageError> {
    let column = column(feed.sort_by);
    let mut condition = Condition::new(account);
    condition.filters(feed);
    for (cursor, comparison) in [(&feed.since, '>'), (&feed.before, '<'), (&feed.until, '>')] {
        let Some(cursor) = cursor else { continue };
        match place(db, account, feed, cursor).await? {
            Some(place) => condition.and(&format!("({column}, key) {comparison} (?, ?)"), place),
            None if Some(cursor) == feed.until.as_ref() => {} // it is ignored then
            None => return Ok(None),
        }
    }
    Ok(Some(condition))
}

/// The rows of a page, in its order, with these columns.
async fn rows(
    db: &Db,
    account: AccountKey,
    feed: &Feed,
    columns: &str,
) -> Result<Vec<tokio_postgres::Row>, StorageError> {
    let Some(mut condition) = condition(db, account, feed).await? else {
        return Ok(Vec::new());
    };
    let sql = condition.page_sql(columns, feed);
    let mut rows = db.rows(&sql, &borrowed(&condition.values())).await?;
    if feed.is_backward() {
        rows.reverse();
    }
    Ok(rows)
}

pub(super) async fn posts(
    db: &Db,
    account: AccountKey,
    feed: &Feed,
) -> Result<Vec<StoredPost>, StorageError> {
    let rows = rows(db, account, feed, StoredPost::COLUMNS).await?;
    rows.iter().map(StoredPost::read).collect()
}

/// The same posts as somebody sees them.
pub(super) async fn page(
    db: &Db,
    account: AccountKey,
    feed: &Feed,
    seen: &Seen,
) -> Result<Page, StorageError> {
    if !seen.is_of_whole() {
        return Page::of(&posts(db, account, feed).await?, feed.limit, seen);
    }
    let mut page = PageWriter::new(seen, feed.limit);
    for row in &rows(db, account, feed, page.columns()).await? {
        page.push(row)?;
    }
    Ok(page.finish())
}

pub(super) async fn count(db: &Db, account: AccountKey, feed: &Feed) -> Result<u64, StorageError> {
    match condition(db, account, feed).await? {
        Some(condition) => posts::count(db, condition).await,
        None => Ok(0),
    }
}
