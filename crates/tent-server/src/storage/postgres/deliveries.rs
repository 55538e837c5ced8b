//! The queue of deliveries, which all processes work off together. A process leases what it is about
//! to send. What one that died had leased is due again when the lease ends.

mod outgoing;

use tent_proto::Entity;
use tokio::sync::watch;

use self::outgoing::outgoing;
use super::Postgres;
use super::connection::Db;
use super::text::escaped;
use crate::storage::delivery::RECORDED;
use crate::storage::row::{self, Row as _};
use crate::storage::{
    AccountKey, Attempt, Deliveries, Delivery, DeliveryKey, Outgoing, Owner, Reply, StorageError,
};

/// For how many seconds a process may hold a delivery: longer than all that it holds takes to send.
const LEASE: i64 = 300;

impl Deliveries for Postgres {
    fn queued(&self) -> watch::Receiver<()> {
        self.queued()
    }

    fn release_deliveries(&self) -> Reply<'static, ()> {
        self.write(self.lessee(), |db, lessee| {
            Box::pin(async move {
                let sql =
                    "UPDATE deliveries SET leased_by = NULL, leased_until = 0 WHERE leased_by = $1";
                db.execute(sql, &[lessee]).await?;
                Ok(())
            })
        })
    }

    fn next_delivery(&self, now: i64) -> Reply<'static, Option<i64>> {
        self.read(now, |db, now| {
            Box::pin(async move {
                // While anything is due no lease is looked at; and else few are due but leased.
                db.one(
                    "SELECT coalesce(
                         (SELECT due_at FROM deliveries WHERE due_at <= $1 AND leased_until = 0 ORDER BY due_at, key LIMIT 1),
                         least(
                             (SELECT min(leased_until) FROM deliveries WHERE due_at <= $1 AND leased_until > 0),
                             (SELECT due_at FROM deliveries WHERE due_at > $1 ORDER BY due_at, key LIMIT 1)))",
                    &[now],
                )
                .await
            })
        })
    }

    fn waiting_deliveries(&self) -> Reply<'static, i64> {
        self.read((), |db, ()| {
            let sql = "SELECT count(*) FROM deliveries WHERE due_at IS NOT NULL";
            Box::pin(db.one(sql, &[]))
        })
    }

    fn lease_deliveries(
        &self,
        now: i64,
        limit: usize,
        except: Vec<String>,
    ) -> Reply<'static, Vec<Delivery>> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let with = (self.lessee(), now, limit, except);
        self.write(with, |db, (lessee, now, limit, except)| {
            Box::pin(lease(db, *lessee, *now, *limit, except))
        })
    }

    fn outgoing(&self, keys: Vec<DeliveryKey>, now: i64) -> Reply<'static, Vec<Option<Outgoing>>> {
        self.read((keys, now), |db, (keys, now)| {
            Box::pin(outgoing(db, keys, *now))
        })
    }

    fn known_of_followings(&self) -> Reply<'static, Vec<(Owner, Entity, i64)>> {
        self.read((), |db, ()| Box::pin(known_of_followings(db)))
    }

    fn attempted(&self, attempts: Vec<(Delivery, Attempt)>) -> Reply<'static, ()> {
        self.write((self.lessee(), attempts), |db, (lessee, attempts)| {
            Box::pin(attempted(db, *lessee, attempts))
        })
    }
}

async fn lease(
    db: &Db,
    lessee: i64,
    now: i64,
    limit: i64,
    except: &[String],
) -> Result<Vec<Delivery>, StorageError> {
    let except: Vec<_> = except.iter().map(|origin| escaped(origin)).collect();
    let rows = db
        .rows(
            "UPDATE deliveries SET leased_by = $1, leased_until = $5
         WHERE key = ANY(ARRAY(
             SELECT key FROM deliveries
             WHERE due_at <= $2 AND leased_until <= $2 AND origin <> ALL($4)
             ORDER BY due_at, key LIMIT $3 FOR UPDATE SKIP LOCKED))
         RETURNING due_at, key, origin, attempts, queued_at",
            &[&lessee, &now, &limit, &except, &now.saturating_add(LEASE)],
        )
        .await?;
    let leased = rows.iter().map(|row| {
        let delivery = Delivery {
            key: DeliveryKey(row.at(1)?),
            origin: row.at(2)?,
            attempts: row::version(row.at(3)?),
            queued_at: row.at(4)?,
        };
        Ok::<_, StorageError>((row.at::<i64>(0)?, delivery))
    });
    let mut leased: Vec<_> = leased.collect::<Result<_, _>>()?;
    leased.sort_unstable_by_key(|(due_at, delivery)| (*due_at, delivery.key.0));
    Ok(leased.into_iter().map(|(_, delivery)| delivery).collect())
}

async fn attempted(
    db: &Db,
    lessee: i64,
    attempts: &[(Delivery, Attempt)],
) -> Result<(), StorageError> {
    // Most of them end well, and go at once.
    let ended = |attempt: &Attempt| matches!(attempt, Attempt::Done | Attempt::Delivered { .. });
    let ended = attempts.iter().filter(|(_, attempt)| ended(attempt));
    let ended: Vec<_> = ended.map(|(delivery, _)| delivery.key.0).collect();
    if !ended.is_empty() {
        let sql = "DELETE FROM deliveries WHERE key = ANY($1)";
        db.execute(sql, &[&ended]).await?;
    }
    for (delivery, attempt) in attempts {
        follow_up(db, lessee, delivery, attempt).await?;
    }
    Ok(())
}

/// What else an attempt leads to.
async fn follow_up(
    db: &Db,
    lessee: i64,
    delivery: &Delivery,
    attempt: &Attempt,
) -> Result<(), StorageError> {
    let (key, origin) = (delivery.key.0, &delivery.origin);
    match attempt {
        Attempt::Done => {}
        Attempt::Delivered { .. } if delivery.attempts == 0 => {}
        Attempt::Delivered { now } => {
            let sql = "UPDATE deliveries SET due_at = $2 WHERE origin = $1 AND due_at > $2";
            db.execute(sql, &[origin, now]).await?;
        }
        Attempt::Again { at, error, silent } => {
            let sql = "UPDATE deliveries SET due_at = $2, leased_until = 0, attempts = attempts + 1, error = $3
                 WHERE key = $1";
            db.execute(sql, &[&key, at, error]).await?;
            if *silent {
                // Others let go of theirs when they find out themselves.
                let sql = "UPDATE deliveries SET due_at = $2,
                         leased_until = CASE WHEN leased_by = $3 THEN 0 ELSE leased_until END
                     WHERE origin = $1 AND due_at < $2";
                db.execute(sql, &[origin, at, &lessee]).await?;
            }
        }
        Attempt::GivenUp { now, error } => {
            let sql = "UPDATE deliveries SET due_at = NULL, leased_until = 0, attempts = attempts + 1, error = $2
                 WHERE key = $1";
            db.execute(sql, &[&key, error]).await?;
            let sql = "DELETE FROM deliveries WHERE due_at IS NULL AND queued_at < $1";
            db.execute(sql, &[&(now - RECORDED)]).await?;
        }
    }
    Ok(())
}

async fn known_of_followings(db: &Db) -> Result<Vec<(Owner, Entity, i64)>, StorageError> {
    let rows = db
        .rows(
            "SELECT f.entity_id, e.entity, f.entity, coalesce(
             (SELECT least(p.published_at, p.received_at) FROM posts AS p
              WHERE p.entity_id = f.entity_id AND p.publisher = f.entity
              ORDER BY p.received_at DESC, p.key DESC LIMIT 1),
             f.created_at)
         FROM followings AS f JOIN entities AS e ON e.id = f.entity_id
         WHERE f.confirmed AND f.mac_key IS NOT NULL AND NOT e.removed",
            &[],
        )
        .await?;
    rows.iter()
        .map(|row| {
            let owner = Owner {
                account: AccountKey(row.at(0)?),
                entity: row::entity(row.at(1)?)?,
            };
            Ok((owner, row::entity(row.at(2)?)?, row.at(3)?))
        })
        .collect()
}
