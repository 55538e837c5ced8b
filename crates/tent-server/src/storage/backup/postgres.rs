//! Copies out of PostgreSQL and into it.

use std::path::Path;
use std::pin::pin;

use deadpool_postgres::{Client, Transaction};
use rusqlite::Connection;
use rusqlite::types::Value;
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{Error, IsolationLevel};

use super::tables::{self, Rows, TABLES, Table, Tally};
use super::{BackupError, files};
use crate::storage::postgres::{
    Postgres, SCHEMA_VERSION, derived_of_relation, escaped, migrate, unescaped,
};
use crate::storage::{DatabaseError, StorageError};

/// How many rows are held in memory at most.
const TOGETHER: i32 = 100;

type Cause = Box<dyn std::error::Error + Sync + Send>;

impl From<Error> for BackupError {
    fn from(error: Error) -> Self {
        Self::Database(error.into())
    }
}

impl From<StorageError> for BackupError {
    fn from(error: StorageError) -> Self {
        Self::Database(match error {
            StorageError::Database(error) => error,
            error => DatabaseError::Postgres(std::sync::Arc::new(error)),
        })
    }
}

async fn client(config: &str) -> Result<Client, DatabaseError> {
    let pool = Postgres::pool(config)?;
    Ok(pool.get().await?)
}

/// The database as it is at one moment, whatever is written meanwhile.
async fn snapshot(client: &mut Client) -> Result<Transaction<'_>, BackupError> {
    let snapshot = client
        .build_transaction()
        .isolation_level(IsolationLevel::RepeatableRead)
        .read_only(true)
        .start()
        .await?;
    match version(&snapshot, "").await {
        Ok(SCHEMA_VERSION) => Ok(snapshot),
        Ok(other) => Err(of_another_version(other).into()),
        Err(error) if error.code() == Some(&SqlState::UNDEFINED_TABLE) => Err(BackupError::NotOurs),
        Err(error) => Err(error.into()),
    }
}

async fn version(transaction: &Transaction<'_>, lock: &str) -> Result<i64, Error> {
    let sql = format!("SELECT version FROM schema_version {lock}");
    transaction.query_one(&sql, &[]).await?.try_get(0)
}

fn of_another_version(found: i64) -> DatabaseError {
    let known = usize::try_from(SCHEMA_VERSION).unwrap_or(usize::MAX);
    match usize::try_from(found) {
        Err(_) => DatabaseError::Unfinished,
        Ok(found) if found > known => DatabaseError::Newer { found, known },
        Ok(found) => DatabaseError::Older { found, known },
    }
}

/// Copies everything into an empty database of SQLite.
pub(super) async fn export(config: &str, to: &mut Connection) -> Result<(), BackupError> {
    let mut client = client(config).await?;
    let from = snapshot(&mut client).await?;
    let to = to.transaction()?;
    for table in TABLES {
        let rows = Rows::of(&to, table)?;
        let mut insert = to.prepare(&rows.insert_into_sqlite())?;
        let mut left = Tally::default();
        read(&from, &rows.select(table.name), |row| {
            left.add(&row);
            Ok(tables::insert(&mut insert, &row)?)
        })
        .await?;
        if !rows.tally(&to)?.is(left) {
            return Err(BackupError::Differs(table.name));
        }
    }
    Ok(to.commit()?)
}

/// Marks an empty database as one that a copy is put into: no server uses it until that is whole.
pub(super) async fn begin(config: &str) -> Result<(), BackupError> {
    let pool = Postgres::pool(config)?;
    match migrate(&pool).await {
        Ok(()) | Err(DatabaseError::Unfinished) => {}
        Err(error) => return Err(error.into()),
    }
    let mut client = pool.get().await.map_err(DatabaseError::from)?;
    let transaction = client.transaction().await?;
    let found = version(&transaction, "FOR UPDATE").await?;
    if found.checked_abs() != Some(SCHEMA_VERSION) {
        return Err(of_another_version(found).into());
    }
    for Table { name, .. } in TABLES {
        let sql = format!("SELECT EXISTS (SELECT 1 FROM {name})");
        if transaction.query_one(&sql, &[]).await?.try_get(0)? {
            return Err(BackupError::NotEmpty);
        }
    }
    let mark = "UPDATE schema_version SET version = $1";
    transaction.execute(mark, &[&-SCHEMA_VERSION]).await?;
    Ok(transaction.commit().await?)
}

/// Copies everything from a database of SQLite, all or nothing.
pub(super) async fn import(from: &mut Connection, config: &str) -> Result<(), BackupError> {
    let mut client = client(config).await?;
    let to = client.transaction().await?;
    if version(&to, "FOR UPDATE").await? != -SCHEMA_VERSION {
        return Err(BackupError::NotEmpty); // another copy was faster
    }
    for table in TABLES {
        let rows = Rows::of(from, table)?;
        let left = write(from, &to, table, &rows).await?;
        let mut arrived = Tally::default();
        read(&to, &rows.select(table.name), |row| {
            arrived.add(&row);
            Ok(())
        })
        .await?;
        if !arrived.is(left) {
            return Err(BackupError::Differs(table.name));
        }
        go_on_after(&to, table).await?;
    }
    let whole = "UPDATE schema_version SET version = $1";
    to.execute(whole, &[&SCHEMA_VERSION]).await?;
    to.commit().await?;
    client.batch_execute("ANALYZE").await?; // else the first queries are planned for empty tables
    Ok(())
}

/// Copies the rows of a table; what they were.
async fn write(
    from: &Connection,
    to: &Transaction<'_>,
    table: &Table,
    rows: &Rows,
) -> Result<Tally, BackupError> {
    let derived = match table.name {
        "followers" | "followings" => ", origin, readers",
        _ => "",
    };
    let columns = format!("{}{derived}", rows.columns.join(", "));
    let statement = to
        .prepare(&format!("SELECT {columns} FROM {}", table.name))
        .await?;
    let types: Vec<Type> = statement
        .columns()
        .iter()
        .map(|column| column.type_().clone())
        .collect();
    let copy = format!("COPY {} ({columns}) FROM STDIN (FORMAT BINARY)", table.name);
    let mut writer = pin!(BinaryCopyInWriter::new(to.copy_in(&copy).await?, &types));
    let mut tally = Tally::default();
    let mut query = from.prepare(&rows.select_from_sqlite())?;
    let mut stored = query.query([])?;
    while let Some(row) = stored.next()? {
        let values = rows.read(row)?;
        tally.add(&values);
        let mut fields: Vec<_> = values.into_iter().map(Field::Stored).collect();
        if !derived.is_empty() {
            let [entity, servers, record] =
                ["entity", "servers", "record"].map(|column| row.get::<_, String>(column));
            let (origin, readers) = derived_of_relation(entity?, &servers?, &record?)?;
            fields.push(Field::Stored(origin.map_or(Value::Null, Value::Text)));
            fields.push(Field::Texts(readers));
        }
        writer.as_mut().write_raw(fields).await?;
    }
    writer.finish().await?;
    Ok(tally)
}

/// Lets the keys of a table go on after those that were copied.
async fn go_on_after(to: &Transaction<'_>, table: &Table) -> Result<(), BackupError> {
    let (name, key) = (table.name, table.key);
    if !matches!(key, "key" | "id") || name == "sessions" {
        return Ok(());
    }
    let sql = format!("SELECT coalesce(max({key}), 0) + 1 FROM {name}");
    let next: i64 = to.query_one(&sql, &[]).await?.try_get(0)?;
    let restart = format!("ALTER TABLE {name} ALTER COLUMN {key} RESTART WITH {next}");
    Ok(to.batch_execute(&restart).await?)
}

/// Tells the rows of a query, a few at a time.
async fn read(
    from: &Transaction<'_>,
    sql: &str,
    mut told: impl FnMut(Vec<Value>) -> Result<(), BackupError>,
) -> Result<(), BackupError> {
    let statement = from.prepare(sql).await?;
    let portal = from.bind(&statement, &[]).await?;
    loop {
        let rows = from.query_portal(&portal, TOGETHER).await?;
        if rows.is_empty() {
            return Ok(());
        }
        for row in rows {
            let values = (0..row.len()).map(|place| row.try_get::<_, Stored>(place));
            let values: Vec<_> = values
                .map(|value| value.map(|Stored(value)| value))
                .collect::<Result<_, _>>()?;
            told(values)?;
        }
    }
}

/// What is wrong with the files of posts. The rest PostgreSQL sees to: no row refers to nothing.
pub(super) async fn examine(config: &str, folder: &Path) -> Result<Vec<String>, BackupError> {
    let mut client = client(config).await?;
    let snapshot = snapshot(&mut client).await?;
    let mut damage = Vec::new();
    let sql = "SELECT DISTINCT encode(digest, 'hex') FROM attachments";
    read(&snapshot, sql, |row| {
        if let Some(Value::Text(name)) = row.first() {
            damage.extend(files::examine(name, folder)?);
        }
        Ok(())
    })
    .await?;
    Ok(damage)
}

/// A value as SQLite would have it.
struct Stored(Value);

impl<'a> FromSql<'a> for Stored {
    fn from_sql(kind: &Type, raw: &'a [u8]) -> Result<Self, Cause> {
        Ok(Self(match *kind {
            Type::BOOL => Value::Integer(bool::from_sql(kind, raw)?.into()),
            Type::INT8 => Value::Integer(i64::from_sql(kind, raw)?),
            Type::BYTEA => Value::Blob(Vec::from_sql(kind, raw)?),
            _ => Value::Text(unescaped(<&str>::from_sql(kind, raw)?).into_owned()),
        }))
    }

    fn from_sql_null(_: &Type) -> Result<Self, Cause> {
        Ok(Self(Value::Null))
    }

    fn accepts(kind: &Type) -> bool {
        matches!(*kind, Type::BOOL | Type::INT8 | Type::BYTEA | Type::TEXT)
    }
}

/// A value for a column of PostgreSQL.
#[derive(Debug)]
enum Field {
    Stored(Value),
    Texts(Vec<String>),
}

impl ToSql for Field {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Result<IsNull, Cause> {
        match self {
            Self::Stored(Value::Null) => Ok(IsNull::Yes),
            Self::Stored(Value::Integer(number)) if *kind == Type::BOOL => {
                (*number != 0).to_sql_checked(kind, out)
            }
            Self::Stored(Value::Integer(number)) => number.to_sql_checked(kind, out),
            Self::Stored(Value::Real(number)) => number.to_sql_checked(kind, out),
            Self::Stored(Value::Text(text)) => escaped(text).as_ref().to_sql_checked(kind, out),
            Self::Stored(Value::Blob(bytes)) => bytes.to_sql_checked(kind, out),
            Self::Texts(texts) => texts.to_sql_checked(kind, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        true // each value says for itself
    }

    to_sql_checked!();
}
