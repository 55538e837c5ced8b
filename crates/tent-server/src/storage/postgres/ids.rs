//! Pages of what has ids and is listed in the order of its creation, which is that of its keys.

use tokio_postgres::Row;

use super::connection::{Db, borrowed};
use crate::storage::condition::Condition;
use crate::storage::{AccountKey, IdPage, StorageError};

/// The rows of a page. The condition is that of the list.
pub(super) async fn page<T>(
    db: &Db,
    (table, columns): (&str, &str),
    account: AccountKey,
    mut condition: Condition,
    page: &IdPage,
    read: fn(&Row) -> Result<T, StorageError>,
) -> Result<Vec<T>, StorageError> {
    for (id, comparison) in [(&page.since, '>'), (&page.before, '<'), (&page.until, '>')] {
        let Some(id) = id else { continue };
        match key(db, table, account, id).await? {
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
    let rows = db.rows(&sql, &borrowed(&condition.values())).await?;
    let mut items: Vec<_> = rows.iter().map(read).collect::<Result<_, _>>()?;
    if page.is_backward() {
        items.reverse();
    }
    Ok(items)
}

async fn key(
    db: &Db,
    table: &str,
    account: AccountKey,
    id: &str,
) -> Result<Option<i64>, StorageError> {
    let sql = format!("SELECT key FROM {table} WHERE entity_id = $1 AND id = $2");
    let row = db.row(&sql, &[&account.0, &id]).await?;
    Ok(row.map(|row| row.try_get(0)).transpose()?)
}

pub(super) async fn count(db: &Db, table: &str, condition: Condition) -> Result<u64, StorageError> {
    let sql = format!("SELECT count(*) FROM {table} WHERE {}", condition.sql());
    let count: i64 = db.one(&sql, &borrowed(&condition.values())).await?;
    Ok(count.unsigned_abs())
}
