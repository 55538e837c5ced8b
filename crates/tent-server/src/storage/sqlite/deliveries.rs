//! The queue of deliveries.

mod lease;
mod outgoing;
mod queue;

use rusqlite::Connection;
use tent_proto::Entity;
use tokio::sync::watch;

use self::lease::{attempted, lease};
use self::outgoing::outgoing;
pub(super) use self::queue::{queue, queue_again, queue_without_mentions, subscribe};
use super::Sqlite;
use crate::storage::row;
use crate::storage::{
    AccountKey, Attempt, Deliveries, Delivery, DeliveryKey, Outgoing, Owner, Reply, StorageError,
};

impl Deliveries for Sqlite {
    fn queued(&self) -> watch::Receiver<()> {
        self.queued.subscribe()
    }

    fn release_deliveries(&self) -> Reply<'static, ()> {
        self.write(|db| {
            db.execute("UPDATE deliveries SET leased = 0 WHERE leased", [])?;
            Ok(())
        })
    }

    fn next_delivery(&self, _: i64) -> Reply<'static, Option<i64>> {
        self.read(|db| {
            let mut query = db.prepare_cached(
                "SELECT min(due_at) FROM deliveries WHERE due_at IS NOT NULL AND NOT leased",
            )?;
            Ok(query.query_row([], |row| row.get(0))?)
        })
    }

    fn waiting_deliveries(&self) -> Reply<'static, i64> {
        self.read(|db| {
            let mut query =
                db.prepare_cached("SELECT count(*) FROM deliveries WHERE due_at IS NOT NULL")?;
            Ok(query.query_row([], |row| row.get(0))?)
        })
    }

    fn lease_deliveries(
        &self,
        now: i64,
        limit: usize,
        except: Vec<String>,
    ) -> Reply<'static, Vec<Delivery>> {
        self.write(move |db| lease(db, now, limit, &except))
    }

    fn outgoing(&self, keys: Vec<DeliveryKey>, now: i64) -> Reply<'static, Vec<Option<Outgoing>>> {
        self.read(move |db| outgoing(db, &keys, now))
    }

    fn known_of_followings(&self) -> Reply<'static, Vec<(Owner, Entity, i64)>> {
        self.read(known_of_followings)
    }

    fn attempted(&self, attempts: Vec<(Delivery, Attempt)>) -> Reply<'static, ()> {
        self.write(move |db| {
            let mut attempts = attempts.iter();
            attempts.try_for_each(|(delivery, attempt)| attempted(db, delivery, attempt))
        })
    }
}

fn known_of_followings(db: &Connection) -> Result<Vec<(Owner, Entity, i64)>, StorageError> {
    let mut query = db.prepare_cached(
        "SELECT f.entity_id, e.entity, f.entity, coalesce(
             (SELECT min(p.published_at, p.received_at) FROM posts AS p
              WHERE p.entity_id = f.entity_id AND p.publisher = f.entity
              ORDER BY p.received_at DESC, p.key DESC LIMIT 1),
             f.created_at)
         FROM followings AS f JOIN entities AS e ON e.id = f.entity_id
         WHERE f.confirmed AND f.mac_key IS NOT NULL AND e.id NOT IN (SELECT id FROM removed_entities)",
    )?;
    let mut rows = query.query([])?;
    let mut known = Vec::new();
    while let Some(row) = rows.next()? {
        let owner = Owner {
            account: AccountKey(row.get(0)?),
            entity: row::entity(row.get(1)?)?,
        };
        known.push((owner, row::entity(row.get(2)?)?, row.get(3)?));
    }
    Ok(known)
}

#[cfg(test)]
mod tests;
