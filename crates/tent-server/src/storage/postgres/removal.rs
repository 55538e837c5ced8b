//! Entities that go: at once for everybody who asks for them, and bit by bit from the tables.

use tent_proto::Entity;

use super::connection::Db;
use super::{attachments, processes};
use crate::storage::StorageError;
use crate::storage::row::Row as _;

/// How many rows go together, so that others need not wait for long.
const TOGETHER: i64 = 500;

/// What there may be much of, and by what its rows are told apart. What belongs to a row goes with it;
/// all else goes with the entity.
const LARGE: [(&str, &str); 5] = [
    ("posts", "key"),
    ("followers", "key"),
    ("followings", "key"),
    ("apps", "key"),
    ("deletions", "entity_id, publisher, id"),
];

/// Marks an entity as removed, and makes its URL free for another. `false` when there is none.
pub(super) async fn begin(db: &Db, entity: &Entity) -> Result<bool, StorageError> {
    let sql = "UPDATE entities SET entity = 'removed:' || id, passphrase = '', removed = TRUE WHERE entity = $1";
    let removed = db.execute(sql, &[&entity.as_str()]).await? == 1;
    if removed {
        processes::note_change(db, entity).await?;
    }
    Ok(removed)
}

/// Deletes some of what is left of removed entities, and says whether that was not all. Of several
/// processes one does it at a time.
pub(super) async fn go_on(db: &Db) -> Result<bool, StorageError> {
    let removed =
        "SELECT id FROM entities WHERE removed ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED";
    let Some(row) = db.row(removed, &[]).await? else {
        return Ok(false);
    };
    let id: i64 = row.at(0)?;
    for (table, key) in LARGE {
        let some =
            format!("SELECT {key} FROM {table} WHERE entity_id = $1 ORDER BY {key} LIMIT $2");
        if table == "posts" {
            attachments::release(db, &some, &[&id, &TOGETHER]).await?;
        }
        let sql = format!("DELETE FROM {table} WHERE ({key}) IN ({some})");
        if db.execute(&sql, &[&id, &TOGETHER]).await? > 0 {
            return Ok(true);
        }
    }
    db.execute("DELETE FROM entities WHERE id = $1", &[&id])
        .await?;
    Ok(true)
}
