//! The queue of deliveries, which all processes work off together. A process leases what it is about
//! to send. What one that died had leased is due again when the lease ends.

use tent_proto::{Entity, TypeUri};
use tokio::sync::watch;

use super::connection::{Db, borrowed};
use super::text::escaped;
use super::{Postgres, ended_followings, holders};
use crate::storage::condition::Condition;
use crate::storage::delivery::{Queued, RECORDED, Recipient};
use crate::storage::row::{self, Row as _};
use crate::storage::{
    AccountKey, Attempt, Deliveries, Delivery, DeliveryKey, Outgoing, Owner, Relation, Reply,
    Route, Side, StorageError, StoredPost,
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

    fn next_delivery(&self) -> Reply<'static, Option<i64>> {
        self.read((), |db, ()| {
            Box::pin(async move {
                db.one(
                    "SELECT least(
                         (SELECT min(due_at) FROM deliveries WHERE due_at IS NOT NULL AND leased_until = 0),
                         (SELECT min(leased_until) FROM deliveries WHERE due_at IS NOT NULL AND leased_until > 0))",
                    &[],
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

    fn outgoing(&self, key: DeliveryKey, now: i64) -> Reply<'static, Option<Outgoing>> {
        self.read((key, now), |db, (key, now)| {
            Box::pin(outgoing(db, *key, *now))
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
    let rows = db.rows(
        "WITH due AS (
             SELECT key FROM deliveries
             WHERE due_at <= $2 AND leased_until <= $2 AND origin <> ALL($4)
             ORDER BY due_at, key LIMIT $3 FOR UPDATE SKIP LOCKED),
         leased AS (
             UPDATE deliveries SET leased_by = $1, leased_until = $5 WHERE key IN (SELECT key FROM due)
             RETURNING key, origin, attempts, queued_at, due_at)
         SELECT key, origin, attempts, queued_at FROM leased ORDER BY due_at, key",
        &[&lessee, &now, &limit, &except, &now.saturating_add(LEASE)],
    ).await?;
    rows.iter()
        .map(|row| {
            Ok(Delivery {
                key: DeliveryKey(row.at(0)?),
                origin: row.at(1)?,
                attempts: row::version(row.at(2)?),
                queued_at: row.at(3)?,
            })
        })
        .collect()
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

async fn queued(db: &Db, key: DeliveryKey) -> Result<Option<Queued>, StorageError> {
    let columns = StoredPost::COLUMNS.split(", ");
    let columns: Vec<_> = columns.map(|column| format!("p.{column}")).collect();
    let sql = format!(
        "SELECT {}, p.entity_id, e.entity, p.key, p.type, p.own, d.recipient, d.mentioned
         FROM deliveries AS d JOIN posts AS p ON p.key = d.post JOIN entities AS e ON e.id = p.entity_id
         WHERE d.key = $1 AND d.version = p.version AND d.due_at IS NOT NULL AND NOT e.removed",
        columns.join(", ")
    );
    let Some(row) = db.row(&sql, &[&key.0]).await? else {
        return Ok(None);
    };
    let at = columns.len();
    Ok(Some(Queued {
        post: StoredPost::read(&row)?,
        owner: Owner {
            account: AccountKey(row.at(at)?),
            entity: row::entity(row.at(at + 1)?)?,
        },
        key: row.at(at + 2)?,
        post_type: TypeUri::from(row.at::<String>(at + 3)?),
        is_own: row.at(at + 4)?,
        recipient: row.at(at + 5)?,
        is_mentioned: row.at(at + 6)?,
    }))
}

async fn outgoing(db: &Db, key: DeliveryKey, now: i64) -> Result<Option<Outgoing>, StorageError> {
    // Most go to a follower, so it is asked for in the same round trip.
    let (queued, follower) = tokio::join!(queued(db, key), recipient(db, Side::Follower, key));
    let (Some(queued), follower) = (queued?, follower?) else {
        return Ok(None);
    };
    let account = queued.owner.account;
    let (recipient, route) = match Recipient::parse(&queued.recipient) {
        Recipient::App(mac_id) => {
            let found = holders::authorized(db, account, mac_id, now).await?;
            let route = found.and_then(|(credentials, grant)| queued.to_app(credentials, grant));
            (None, route)
        }
        Recipient::Unfollowed(entity) => {
            let entity = row::entity(entity.to_owned())?;
            let followed = ended_followings::read(db, account, key, entity).await?;
            (None, followed.map(Box::new).map(Route::Unfollowed))
        }
        Recipient::Entity(entity) => {
            let entity = row::entity(entity.to_owned())?;
            let route = route_to_entity(db, key, &queued, follower, &entity).await?;
            (Some(entity), route)
        }
    };
    Ok(route.map(|route| Outgoing {
        owner: queued.owner,
        recipient,
        post: queued.post,
        route,
    }))
}

/// By the relation, where there is one through which the post can be seen.
async fn route_to_entity(
    db: &Db,
    key: DeliveryKey,
    queued: &Queued,
    follower: Option<Relation>,
    entity: &Entity,
) -> Result<Option<Route>, StorageError> {
    if let Some(follower) = follower
        && sees(db, queued, &follower).await?
    {
        return Ok(Some(queued.to_relation(Side::Follower, follower)));
    }
    if let Some(following) = recipient(db, Side::Following, key).await?
        && sees(db, queued, &following).await?
    {
        return Ok(Some(queued.to_relation(Side::Following, following)));
    }
    Ok(queued.to_stranger(entity))
}

/// The relation to whom a delivery is for, if it can be used.
async fn recipient(
    db: &Db,
    side: Side,
    key: DeliveryKey,
) -> Result<Option<Relation>, StorageError> {
    let sql = format!(
        "SELECT {} FROM {} WHERE confirmed AND mac_key IS NOT NULL
             AND (entity_id, entity) = (SELECT entity_id, recipient FROM deliveries WHERE key = $1)",
        Relation::COLUMNS,
        side.table()
    );
    let row = db.row(&sql, &[&key.0]).await?;
    row.as_ref().map(Relation::read).transpose()
}

async fn sees(db: &Db, queued: &Queued, relation: &Relation) -> Result<bool, StorageError> {
    if queued.is_open() {
        return Ok(true);
    }
    let mut condition = Condition::new(queued.owner.account);
    condition.and("key = ?", [queued.key.into()]);
    condition.visible(&relation.sees());
    let sql = format!(
        "SELECT EXISTS (SELECT 1 FROM posts WHERE {})",
        condition.sql()
    );
    db.one(&sql, &borrowed(&condition.values())).await
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
