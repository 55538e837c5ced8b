//! The tables that both databases have, and their rows, which either takes from the other.

use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};
use sha2::{Digest, Sha256};

use super::BackupError;

/// A table that both databases have.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) name: &'static str,
    /// What its rows are told apart by, and ordered.
    pub(super) key: &'static str,
}

/// Each comes after those that it refers to.
pub(super) const TABLES: &[Table] = &[
    table("entities", "id"),
    table("profile_sections", "entity_id, type_base, version"),
    table("apps", "key"),
    table("authorizations", "key"),
    table("codes", "code"),
    table("sessions", "id"),
    table("nonces", "timestamp, mac_id, nonce"),
    table("posts", "key"),
    table("post_versions", "post, version"),
    table("mentions", "post, entity, mentioned"),
    table("readers", "reader, post"),
    table("attachments", "post, version, position"),
    table("released_files", "digest"),
    table("deletions", "entity_id, publisher, id"),
    table("groups", "key"),
    table("followers", "key"),
    table("followings", "key"),
    table("subscriptions", "follower, type_base"),
    table("deliveries", "key"),
    table("ended_followings", "delivery"),
];

const fn table(name: &'static str, key: &'static str) -> Table {
    Table { name, key }
}

/// SQLite has a table of entities that are removed, and PostgreSQL a column. Here SQLite has a column,
/// too.
const VIEWS: &str = "
    CREATE TEMP VIEW entities_or_removed AS
        SELECT *, id IN (SELECT id FROM main.removed_entities) AS removed FROM main.entities;
    CREATE TEMP TRIGGER entity_or_removed INSTEAD OF INSERT ON entities_or_removed BEGIN
        INSERT INTO entities (id, entity, passphrase, created_at)
            VALUES (new.id, new.entity, new.passphrase, new.created_at);
        INSERT INTO removed_entities SELECT new.id WHERE new.removed;
    END;";

/// Readies a connection for [`Rows`].
pub(super) fn prepare(db: &Connection) -> rusqlite::Result<()> {
    db.execute_batch(VIEWS)
}

/// The columns of a table that are copied.
#[derive(Debug)]
pub(super) struct Rows {
    table: &'static Table,
    in_sqlite: &'static str,
    pub(super) columns: Vec<String>,
}

impl Rows {
    pub(super) fn of(db: &Connection, table: &'static Table) -> rusqlite::Result<Self> {
        let in_sqlite = match table.name {
            "entities" => "entities_or_removed",
            name => name,
        };
        // Nobody has a lease on what was copied.
        let sql = "SELECT name FROM pragma_table_info(?1) WHERE name <> 'leased' ORDER BY cid";
        let mut query = db.prepare(sql)?;
        let columns = query.query_map([in_sqlite], |row| row.get(0))?;
        Ok(Self {
            table,
            in_sqlite,
            columns: columns.collect::<Result<_, _>>()?,
        })
    }

    pub(super) fn select(&self, table: &str) -> String {
        let (columns, key) = (self.columns.join(", "), self.table.key);
        format!("SELECT {columns} FROM {table} ORDER BY {key}")
    }

    pub(super) fn select_from_sqlite(&self) -> String {
        self.select(self.in_sqlite)
    }

    pub(super) fn insert_into_sqlite(&self) -> String {
        let (table, columns) = (self.in_sqlite, self.columns.join(", "));
        let values = vec!["?"; self.columns.len()].join(", ");
        format!("INSERT INTO {table} ({columns}) VALUES ({values})")
    }

    /// A row of SQLite.
    pub(super) fn read(&self, row: &rusqlite::Row<'_>) -> rusqlite::Result<Vec<Value>> {
        (0..self.columns.len())
            .map(|place| row.get(place))
            .collect()
    }

    /// What SQLite has.
    pub(super) fn tally(&self, db: &Connection) -> Result<Tally, BackupError> {
        let mut tally = Tally::default();
        let mut query = db.prepare(&self.select_from_sqlite())?;
        let mut rows = query.query([])?;
        while let Some(row) = rows.next()? {
            tally.add(&self.read(row)?);
        }
        Ok(tally)
    }
}

/// Inserts a row.
pub(super) fn insert(
    statement: &mut rusqlite::Statement<'_>,
    row: &[Value],
) -> rusqlite::Result<()> {
    statement.execute(params_from_iter(row)).map(drop)
}

/// How many rows there are, and what is in them, in their order.
#[derive(Debug, Default, Clone)]
pub(super) struct Tally {
    rows: u64,
    hash: Sha256,
}

impl Tally {
    pub(super) fn add(&mut self, row: &[Value]) {
        self.rows += 1;
        for value in row {
            match value {
                Value::Null => self.hash.update([0]),
                Value::Integer(number) => self.add_as(1, &number.to_le_bytes()),
                Value::Real(number) => self.add_as(2, &number.to_le_bytes()),
                Value::Text(text) => self.add_as(3, text.as_bytes()),
                Value::Blob(bytes) => self.add_as(4, bytes),
            }
        }
    }

    fn add_as(&mut self, kind: u8, bytes: &[u8]) {
        self.hash.update([kind]);
        self.hash.update((bytes.len() as u64).to_le_bytes());
        self.hash.update(bytes);
    }

    pub(super) fn is(self, other: Self) -> bool {
        self.rows == other.rows && self.hash.finalize() == other.hash.finalize()
    }
}
