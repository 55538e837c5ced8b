//! A connection of the pool, and a transaction on it.

use std::borrow::Cow;
use std::sync::atomic::{AtomicBool, Ordering};

use deadpool_postgres::{Client, Object};
use serde::de::DeserializeOwned;
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

use super::text::{Escaped, unescaped};
use crate::storage::row::{Column, Row};
use crate::storage::value::Value;
use crate::storage::{AccountKey, DatabaseError, Stamp, StorageError};

/// Values of the placeholders of a statement.
pub(super) type Values<'a> = &'a [&'a (dyn ToSql + Sync)];

/// A connection. One that is dropped within a transaction is closed, which takes that back.
pub(super) struct Db {
    client: Option<Client>,
    in_transaction: bool,
    queued: AtomicBool,
    entities: AtomicBool,
}

impl Db {
    pub(super) const fn new(client: Client) -> Self {
        Self {
            client: Some(client),
            in_transaction: false,
            queued: AtomicBool::new(false),
            entities: AtomicBool::new(false),
        }
    }

    fn client(&self) -> Result<&Client, DatabaseError> {
        self.client.as_ref().ok_or(DatabaseError::Closed)
    }

    /// All rows.
    pub(super) async fn rows(
        &self,
        sql: &str,
        values: Values<'_>,
    ) -> Result<Vec<tokio_postgres::Row>, StorageError> {
        let client = self.client()?;
        let statement = client.prepare_cached(sql).await?;
        let values: Vec<_> = values.iter().map(|value| Escaped(*value)).collect();
        Ok(client.query(&statement, &references(&values)).await?)
    }

    /// The first row, if there is one.
    pub(super) async fn row(
        &self,
        sql: &str,
        values: Values<'_>,
    ) -> Result<Option<tokio_postgres::Row>, StorageError> {
        Ok(self.rows(sql, values).await?.into_iter().next())
    }

    /// The first column of the row that there is.
    pub(super) async fn one<T: Column>(
        &self,
        sql: &str,
        values: Values<'_>,
    ) -> Result<T, StorageError> {
        let row = self.row(sql, values).await?;
        row.ok_or(DatabaseError::Missing)?.at(0)
    }

    /// How many rows were touched.
    pub(super) async fn execute(&self, sql: &str, values: Values<'_>) -> Result<u64, StorageError> {
        let client = self.client()?;
        let statement = client.prepare_cached(sql).await?;
        let values: Vec<_> = values.iter().map(|value| Escaped(*value)).collect();
        Ok(client.execute(&statement, &references(&values)).await?)
    }

    /// Executes statements that have no values.
    pub(super) async fn batch(&self, sql: &str) -> Result<(), StorageError> {
        Ok(self.client()?.batch_execute(sql).await?)
    }

    /// Begins a transaction, locks the row of the account, and stores the stamps, which must be new; all
    /// of it in one round trip.
    pub(super) async fn begin(
        &mut self,
        account: Option<AccountKey>,
        stamps: &[Stamp],
    ) -> Result<(), StorageError> {
        self.in_transaction = true;
        let begin = self.batch("BEGIN");
        let lock = async {
            let Some(account) = account else {
                return Ok(());
            };
            // Rows that refer to it may still be added meanwhile.
            let sql = "SELECT 1 FROM entities WHERE id = $1 FOR NO KEY UPDATE";
            self.rows(sql, &[&account.0]).await.map(drop)
        };
        let (begun, locked, are_new) = tokio::join!(begin, lock, self.store(stamps));
        begun?;
        locked?;
        match are_new? {
            true => Ok(()),
            false => Err(StorageError::Replayed),
        }
    }

    /// Stores stamps, and says whether all of them are new.
    async fn store(&self, stamps: &[Stamp]) -> Result<bool, StorageError> {
        if stamps.is_empty() {
            return Ok(true);
        }
        let timestamps: Vec<_> = stamps.iter().map(|stamp| stamp.timestamp).collect();
        let mac_ids: Vec<_> = stamps.iter().map(|stamp| stamp.mac_id.as_str()).collect();
        let nonces: Vec<_> = stamps.iter().map(|stamp| stamp.nonce.as_str()).collect();
        let sql = "INSERT INTO nonces (timestamp, mac_id, nonce)
             SELECT * FROM unnest($1::BIGINT[], $2::TEXT[], $3::TEXT[]) ON CONFLICT DO NOTHING";
        let stored = self.execute(sql, &[&timestamps, &mac_ids, &nonces]).await?;
        Ok(stored == stamps.len() as u64)
    }

    /// Ends the transaction. What was done stands, durably.
    pub(super) async fn commit(&mut self) -> Result<(), StorageError> {
        self.batch("COMMIT").await?;
        self.in_transaction = false;
        Ok(())
    }

    /// Ends the transaction. What was done is taken back, now or with the connection.
    pub(super) async fn roll_back(&mut self) {
        self.in_transaction = self.batch("ROLLBACK").await.is_err();
    }

    /// Ends the transaction as what was done in it ended.
    pub(super) async fn end<T>(
        &mut self,
        done: Result<T, StorageError>,
    ) -> Result<T, StorageError> {
        match &done {
            Ok(_) => self.commit().await?,
            Err(_) => self.roll_back().await,
        }
        done
    }

    /// Notes that deliveries were queued.
    pub(super) fn note_queued(&self) {
        self.queued.store(true, Ordering::Relaxed);
    }

    /// Whether deliveries were queued.
    pub(super) fn has_queued(&self) -> bool {
        self.queued.load(Ordering::Relaxed)
    }

    /// Notes that entities came or went.
    pub(super) fn note_entities(&self) {
        self.entities.store(true, Ordering::Relaxed);
    }

    /// Whether entities came or went, for good.
    pub(super) fn has_entities(&self) -> bool {
        !self.in_transaction && self.entities.load(Ordering::Relaxed)
    }
}

impl Drop for Db {
    fn drop(&mut self) {
        if self.in_transaction {
            drop(self.client.take().map(Object::take));
        }
    }
}

impl Row for tokio_postgres::Row {
    fn column<T: Column>(&self, name: &str) -> Result<T, StorageError> {
        Ok(self.try_get::<_, T>(name)?.restored())
    }

    fn at<T: Column>(&self, place: usize) -> Result<T, StorageError> {
        Ok(self.try_get::<_, T>(place)?.restored())
    }

    fn text(&self, place: usize) -> Result<Cow<'_, str>, StorageError> {
        Ok(unescaped(self.try_get(place)?))
    }

    fn json<T: DeserializeOwned>(&self, name: &str) -> Result<T, StorageError> {
        Ok(serde_json::from_str(self.try_get(name)?)?)
    }
}

impl ToSql for Value {
    fn to_sql(
        &self,
        kind: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Self::Integer(value) => value.to_sql_checked(kind, out),
            Self::Text(value) => value.to_sql_checked(kind, out),
        }
    }

    fn accepts(kind: &Type) -> bool {
        <i64 as ToSql>::accepts(kind) || <String as ToSql>::accepts(kind)
    }

    to_sql_checked!();
}

/// The values of a condition, as statements take them.
pub(super) fn borrowed(values: &[Value]) -> Vec<&(dyn ToSql + Sync)> {
    references(values)
}

fn references<T: ToSql + Sync>(values: &[T]) -> Vec<&(dyn ToSql + Sync)> {
    values.iter().map(|value| value as _).collect()
}

pub(super) fn json(value: &impl serde::Serialize) -> Result<String, StorageError> {
    Ok(serde_json::to_string(value)?)
}

/// A value of a column that may stay as it is.
pub(super) fn json_of<T: serde::Serialize>(
    value: Option<&T>,
) -> Result<Option<String>, StorageError> {
    value.map(json).transpose()
}
