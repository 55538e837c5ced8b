//! Entities that go: at once for everybody who asks for them, and bit by bit from the tables.

use rusqlite::{Connection, OptionalExtension};
use tent_proto::Entity;

use crate::storage::StorageError;

/// How many rows go together, so that other writes need not wait for long.
const TOGETHER: u32 = 100;

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
pub(super) fn begin(db: &Connection, entity: &Entity) -> Result<bool, StorageError> {
    let entity = [entity.as_str()];
    db.execute(
        "INSERT INTO removed_entities SELECT id FROM entities WHERE entity = ?1",
        entity,
    )?;
    let renamed =
        "UPDATE entities SET entity = 'removed:' || id, passphrase = '' WHERE entity = ?1";
    Ok(db.execute(renamed, entity)? == 1)
}

/// Deletes some of what is left of removed entities, and says whether that was not all.
pub(super) fn go_on(db: &Connection) -> Result<bool, StorageError> {
    let removed = "SELECT id FROM entities WHERE id IN (SELECT id FROM removed_entities) LIMIT 1";
    let found = db.query_row(removed, [], |row| row.get(0)).optional()?;
    let Some(id) = found else {
        return Ok(false);
    };
    let id: i64 = id;
    for (table, key) in LARGE {
        let some = format!("SELECT {key} FROM {table} WHERE entity_id = ?1 LIMIT ?2");
        let deleted = db.execute(
            &format!("DELETE FROM {table} WHERE ({key}) IN ({some})"),
            (id, TOGETHER),
        )?;
        if deleted > 0 {
            return Ok(true);
        }
    }
    db.execute("DELETE FROM entities WHERE id = ?1", [id])?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::super::migration::migrate;
    use super::*;

    #[test]
    fn an_entity_goes_bit_by_bit_and_another_stays() {
        let mut db = Connection::open_in_memory().unwrap();
        db.pragma_update(None, "foreign_keys", true).unwrap();
        migrate(&mut db).unwrap();
        db.execute_batch(
            "INSERT INTO entities VALUES (1, 'https://a.example', 'x', 1), (2, 'https://b.example', 'x', 1);
             WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500)
             INSERT INTO posts (entity_id, publisher, id, own, public, type_base, published_at, received_at, updated_at,
                 version, members, entities)
             SELECT 1 + i % 2, 'https://a.example', i, 1, 1, 't', 1, 1, 1, 1, '', '{}' FROM n;
             INSERT INTO mentions SELECT key, 'https://c.example', '' FROM posts;
             INSERT INTO deletions VALUES (1, 'https://c.example', 'p'), (2, 'https://c.example', 'p');",
        )
        .unwrap();
        let count = |sql: &str| db.query_row(sql, [], |row| row.get(0)).unwrap();
        let entity = "https://a.example".parse().unwrap();
        assert!(begin(&db, &entity).unwrap());
        assert!(!begin(&db, &entity).unwrap());
        let mut counts = Vec::new();
        while go_on(&db).unwrap() {
            let left: i64 = count("SELECT count(*) FROM posts");
            counts.push(left);
        }
        assert_eq!(counts[..4], [400, 300, 250, 250]);
        for (table, left) in [("mentions", 250), ("deletions", 1), ("entities", 1)] {
            let sql = format!("SELECT count(*) FROM {table}");
            assert_eq!(count(&sql), left, "{table}");
        }
        assert_eq!(count("SELECT id FROM removed_entities"), 1, "for good");
    }
}
