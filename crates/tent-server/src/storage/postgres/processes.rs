//! What equal processes agree on.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use tent_proto::Entity;
use tokio::sync::watch;

use super::connection::Db;
use super::{Postgres, Shared, heartbeat};
use crate::attempts::{FORGOTTEN, Failures};
use crate::storage::processes::{Changed, Changes, Piece, Processes, Span};
use crate::storage::row::{self, Row as _};
use crate::storage::{DatabaseError, Reply, StorageError};

/// How many changes are remembered. Who has missed more reads all entities.
const REMEMBERED: i64 = 10_000;

impl Processes for Postgres {
    fn join(&self) -> Reply<'static, bool> {
        heartbeat::begin(&self.0);
        self.read(self.lessee(), |db, lessee| {
            Box::pin(heartbeat::beat(db, *lessee))
        })
    }

    fn entities_changed(&self) -> watch::Receiver<()> {
        self.0.bell.entities.subscribe()
    }

    fn changes_since(&self, count: Option<i64>) -> Reply<'static, Changes> {
        self.read(count, |db, count| Box::pin(changes(db, *count)))
    }

    fn take(&self, bucket: [u8; 32], span: Span) -> Reply<'static, Piece> {
        let shared = Arc::clone(&self.0);
        Box::pin(async move {
            let db = shared.connection().await?;
            let piece = take(&db, &bucket, span).await?;
            shared.forget_buckets(&db, span.time).await;
            Ok(piece)
        })
    }

    fn begin_attempt(&self, guesser: [u8; 32], now: i64) -> Reply<'static, Result<(), i64>> {
        self.write((guesser, now), |db, (guesser, now)| {
            Box::pin(begin_attempt(db, guesser, *now))
        })
    }

    fn end_attempts(&self, guesser: [u8; 32]) -> Reply<'static, ()> {
        self.write(guesser, |db, guesser| {
            Box::pin(async move {
                let sql = "DELETE FROM attempts WHERE guesser = $1";
                db.execute(sql, &[&guesser.as_slice()]).await?;
                Ok(())
            })
        })
    }
}

impl Shared {
    /// Forgets buckets that are full, once a minute.
    async fn forget_buckets(&self, db: &Db, now: i64) {
        let minute = now.div_euclid(60);
        if self.swept.fetch_max(minute, Ordering::Relaxed) >= minute {
            return;
        }
        let sql = "DELETE FROM limit_buckets WHERE gone_at < $1";
        if let Err(error) = db.execute(sql, &[&now]).await {
            tracing::warn!(%error, "full buckets were not forgotten");
        }
    }
}

/// Notes that an entity came or went. Others who do so wait until this transaction has ended.
pub(super) async fn note_change(db: &Db, entity: &Entity) -> Result<(), StorageError> {
    let sql = "UPDATE entity_count SET changes = changes + 1 RETURNING changes";
    let change: i64 = db.one(sql, &[]).await?;
    let sql = "INSERT INTO entity_changes (change, entity) VALUES ($1, $2)";
    db.execute(sql, &[&change, &entity.as_str()]).await?;
    let sql = "DELETE FROM entity_changes WHERE change <= $1";
    db.execute(sql, &[&(change - REMEMBERED)]).await?;
    db.note_entities();
    Ok(())
}

async fn changes(db: &Db, since: Option<i64>) -> Result<Changes, StorageError> {
    // What comes between the two is told again next time.
    let count = db.one("SELECT changes FROM entity_count", &[]).await?;
    if let Some(since) = since {
        let sql = "SELECT change, entity, EXISTS (SELECT 1 FROM entities WHERE entity = c.entity)
             FROM entity_changes AS c WHERE change > $1 AND change <= $2 ORDER BY change";
        let rows = db.rows(sql, &[&since, &count]).await?;
        if i64::try_from(rows.len()) == Ok(count - since) {
            let rows = rows.iter();
            let some = rows.map(|row| Ok((row::entity(row.at(1)?)?, row.at(2)?)));
            let some = some.collect::<Result<_, StorageError>>()?;
            return Ok(Changes {
                count,
                entities: Changed::Some(some),
            });
        }
    }
    let sql = "SELECT entity FROM entities WHERE NOT removed ORDER BY id";
    let rows = db.rows(sql, &[]).await?;
    let all = rows.iter().map(|row| row::entity(row.at(0)?));
    Ok(Changes {
        count,
        entities: Changed::All(all.collect::<Result<_, _>>()?),
    })
}

async fn take(db: &Db, bucket: &[u8; 32], span: Span) -> Result<Piece, StorageError> {
    let Span {
        now,
        latest,
        step,
        time,
    } = span;
    let share = |from: &str| {
        let left = format!("(($3::BIGINT - {from}) / $4::BIGINT)");
        format!("{from} + $4::BIGINT * least(greatest({left} / 8, 1), {left})")
    };
    // A bucket that is not known is full, and of a clock that was set back no harm comes.
    let (fresh, known) = (
        "$2::BIGINT",
        "greatest(least(b.full_at, $3::BIGINT), $2::BIGINT)",
    );
    let sql = format!(
        "INSERT INTO limit_buckets AS b (bucket, taken, full_at, gone_at) VALUES ($1, {fresh}, {}, $5)
         ON CONFLICT (bucket) DO UPDATE SET taken = {known}, full_at = {}, gone_at = $5
         RETURNING taken, full_at",
        share(fresh),
        share(known),
    );
    let bucket = bucket.as_slice();
    let gone_at = time + step;
    let row = db
        .row(&sql, &[&bucket, &now, &latest, &step, &gone_at])
        .await?
        .ok_or(DatabaseError::Missing)?;
    Ok(Piece {
        from: row.at(0)?,
        to: row.at(1)?,
    })
}

async fn begin_attempt(
    db: &Db,
    guesser: &[u8; 32],
    now: i64,
) -> Result<Result<(), i64>, StorageError> {
    let guesser = guesser.as_slice();
    let sql =
        "INSERT INTO attempts (guesser, count, last) VALUES ($1, 0, $2) ON CONFLICT DO NOTHING";
    db.execute(sql, &[&guesser, &now]).await?;
    let sql = "SELECT count, last FROM attempts WHERE guesser = $1 FOR UPDATE";
    let row = db.row(sql, &[&guesser]).await?;
    let row = row.ok_or(DatabaseError::Missing)?;
    let failures = Failures {
        count: u32::try_from(row.at::<i64>(0)?).unwrap_or(u32::MAX),
        last: row.at(1)?,
    };
    let failures = match failures.one_more(now) {
        Ok(failures) => failures,
        Err(wait) => return Ok(Err(wait)),
    };
    let sql = "UPDATE attempts SET count = $2, last = $3 WHERE guesser = $1";
    let count = i64::from(failures.count);
    db.execute(sql, &[&guesser, &count, &failures.last]).await?;
    let sql = "DELETE FROM attempts WHERE last < $1";
    db.execute(sql, &[&(now - FORGOTTEN)]).await?;
    Ok(Ok(()))
}
