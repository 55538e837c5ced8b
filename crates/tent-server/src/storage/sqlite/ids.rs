//! Pages of what has ids and is listed in the order of its creation, which is that of its keys.

use rusqlite::{Connection, OptionalExtension, Row};

use crate::storage::condition::Condition;
use crate::storage::value::text;
use crate::storage::{AccountKey, IdPage, StorageError};

/// The rows of a page. The condition is that of the list.
pub(super) fn page<T>(
    db: &Connection,
    (table, columns): (&str, &str),
    account: AccountKey,
    mut condition: Condition,
    page: &IdPage,
    read: impl Fn(&Row<'_>) -> Result<T, StorageError>,
) -> Result<Vec<T>, StorageError> {
    for (id, comparison) in [(&page.since, '>'), (&page.before, '<'), (&page.until, '>')] {
        let Some(id) = id else { continue };
        match key(db, table, account, id)? {
            Some(key) => condition.and(&format!("key {comparison} ?"), [key.into()]),
            None if Some(id) == page.until.as_ref() => {} // it is ignored then
            None => return Ok(Vec::new()),
        }
    }
    let limit = condition.value(page.limit);
    let sql = format!(
        "SELECT {columns} FROM {table} WHERE {} ORDER BY key {} LIMIT {limit}",
        condition.sql(),
        page.direction()
    );
    let mut query = db.prepare_cached(&sql)?;
    let mut rows = query.query(condition.params())?;
    let mut items = Vec::new();
    while let Some(row) = rows.next()? {
        items.push(read(row)?);
    }
    if page.is_backward() {
        items.reverse();
    }
    Ok(items)
}

fn key(
    db: &Connection,
    table: &str,
    account: AccountKey,
    id: &str,
) -> Result<Option<i64>, StorageError> {
    let mut condition = Condition::new(account);
    condition.and("id = ?", [text(id)]);
    let sql = format!("SELECT key FROM {table} WHERE {}", condition.sql());
    let mut query = db.prepare_cached(&sql)?;
    let key = query.query_row(condition.params(), |row| row.get(0));
    Ok(key.optional()?)
}

pub(super) fn count(
    db: &Connection,
    table: &str,
    condition: Condition,
) -> Result<u64, StorageError> {
    let sql = format!("SELECT count(*) FROM {table} WHERE {}", condition.sql());
    let count: i64 = db
        .prepare_cached(&sql)?
        .query_row(condition.params(), |row| row.get(0))?;
    Ok(count.unsigned_abs())
}
