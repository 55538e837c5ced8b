//! What is taken from the queue, and what becomes of it.

use rusqlite::Connection;

use crate::storage::delivery::RECORDED;
use crate::storage::sqlite::json;
use crate::storage::{Attempt, Delivery, DeliveryKey, StorageError};

pub(super) fn lease(
    db: &Connection,
    now: i64,
    limit: usize,
    except: &[String],
) -> Result<Vec<Delivery>, StorageError> {
    let mut query = db.prepare_cached(
        "SELECT key, origin, attempts, queued_at FROM deliveries
         WHERE due_at <= ?1 AND due_at IS NOT NULL AND NOT leased
             AND origin NOT IN (SELECT value FROM json_each(?3))
         ORDER BY due_at, key LIMIT ?2",
    )?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = query.query_map((now, limit, json::write(&except)?), |row| {
        Ok(Delivery {
            key: DeliveryKey(row.get(0)?),
            origin: row.get(1)?,
            attempts: row.get(2)?,
            queued_at: row.get(3)?,
        })
    })?;
    let due: Vec<Delivery> = rows.collect::<Result<_, _>>()?;
    let mut lease = db.prepare_cached("UPDATE deliveries SET leased = 1 WHERE key = ?1")?;
    for delivery in &due {
        lease.execute([delivery.key.0])?;
    }
    Ok(due)
}

pub(super) fn attempted(
    db: &Connection,
    delivery: &Delivery,
    attempt: &Attempt,
) -> Result<(), StorageError> {
    let (key, origin) = (delivery.key.0, &delivery.origin);
    let mut delete = db.prepare_cached("DELETE FROM deliveries WHERE key = ?1")?;
    match attempt {
        Attempt::Done => drop(delete.execute([key])?),
        Attempt::Delivered { now } => {
            delete.execute([key])?;
            if delivery.attempts > 0 {
                let sql = "UPDATE deliveries SET due_at = ?2 WHERE origin = ?1 AND due_at > ?2";
                db.prepare_cached(sql)?.execute((origin, now))?;
            }
        }
        Attempt::Again { at, error, silent } => {
            let sql =
                "UPDATE deliveries SET due_at = ?2, leased = 0, attempts = attempts + 1, error = ?3
                 WHERE key = ?1";
            db.prepare_cached(sql)?.execute((key, at, error))?;
            if *silent {
                let sql = "UPDATE deliveries SET due_at = ?2, leased = 0
                     WHERE origin = ?1 AND due_at < ?2";
                db.prepare_cached(sql)?.execute((origin, at))?;
            }
        }
        Attempt::GivenUp { now, error } => {
            let sql = "UPDATE deliveries SET due_at = NULL, leased = 0, attempts = attempts + 1, error = ?2
                 WHERE key = ?1";
            db.prepare_cached(sql)?.execute((key, error))?;
            let sql = "DELETE FROM deliveries WHERE due_at IS NULL AND queued_at < ?1";
            db.prepare_cached(sql)?.execute([now - RECORDED])?;
        }
    }
    Ok(())
}
