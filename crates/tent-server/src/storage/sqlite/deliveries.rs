//! The queue of deliveries.

use rusqlite::{Connection, OptionalExtension, Row, named_params};
use tent_proto::{Entity, Scope, TypeUri};
use tokio::sync::watch;

use super::accounts::stored_entity;
use super::{Sqlite, apps, ended_followings, json, posts, relations};
use crate::caller::holds;
use crate::storage::condition::Condition;
use crate::storage::{
    AccountKey, Attempt, Deliveries, Delivery, DeliveryKey, Grant, Outgoing, Owner, Relation,
    RelationName, Reply, Route, Side, StorageError, StoredPost, Visible,
};

/// For how many seconds what was given up is kept.
const RECORDED: i64 = 30 * 24 * 60 * 60;

/// How an authorization stands among the recipients.
const APP: &str = "app:";

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

    fn next_delivery(&self) -> Reply<'static, Option<i64>> {
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

    fn outgoing(&self, key: DeliveryKey, now: i64) -> Reply<'static, Option<Outgoing>> {
        self.read(move |db| outgoing(db, key, now))
    }

    fn known_of_followings(&self) -> Reply<'static, Vec<(Owner, Entity, i64)>> {
        self.read(known_of_followings)
    }

    fn attempted(&self, delivery: Delivery, attempt: Attempt) -> Reply<'static, ()> {
        self.write(move |db| attempted(db, &delivery, attempt))
    }
}

/// The origin of a URL: up to the first slash after `https://`, or `http://` and one more.
fn origin(url: &str) -> String {
    format!("substr({url}, 1, instr(substr({url}, 9) || '/', '/') + 7)")
}

/// Whether a relation's entity, itself or by one of its groups, is among those the post is shared with.
fn is_reader(relation: &str) -> String {
    format!(
        "EXISTS (SELECT 1 FROM readers AS r WHERE r.post = p.key AND (r.reader = {relation}.entity
             OR r.reader IN (SELECT 'group:' || value FROM json_each({relation}.record, '$.groups'))))"
    )
}

const INSERT: &str = "INSERT INTO deliveries (entity_id, post, version, recipient, mentioned, origin, queued_at, due_at)";

/// Queues a post, in the version that it has, for all who are to get it: followers who want its type,
/// those whom it mentions, and apps. Earlier versions are not sent anymore.
///
/// A notice that `another` post is gone goes to whoever would have got that one, too.
pub(super) fn queue(db: &Connection, post: i64, another: Option<i64>) -> Result<(), StorageError> {
    db.prepare_cached("DELETE FROM deliveries WHERE post = ?1 AND due_at IS NOT NULL")?
        .execute([post])?;
    queue_for_followers(db, post, another)?;
    queue_for_mentioned(db, post, another)?;
    queue_for_apps(db, post)
}

fn queue_for_followers(
    db: &Connection,
    post: i64,
    another: Option<i64>,
) -> Result<(), StorageError> {
    let (origin, is_reader) = (origin("json_extract(f.servers, '$[0]')"), is_reader("f"));
    db.prepare_cached(&format!(
        "{INSERT}
         SELECT p.entity_id, p.key, p.version, f.entity, 0, coalesce({origin}, f.entity), p.updated_at, p.updated_at
         FROM posts AS p
             JOIN subscriptions AS s ON s.type_base IN
                 ('all', p.type_base, (SELECT type_base FROM posts WHERE key = :another))
             JOIN followers AS f ON f.key = s.follower AND f.entity_id = p.entity_id
         WHERE p.key = :post AND p.own AND f.confirmed AND f.mac_key IS NOT NULL
             AND rtrim(f.entity, '/') <> rtrim(p.publisher, '/') AND (p.public OR {is_reader})
         ON CONFLICT DO NOTHING"
    ))?
    .execute(named_params! {":post": post, ":another": another})?;
    Ok(())
}

fn queue_for_mentioned(
    db: &Connection,
    post: i64,
    another: Option<i64>,
) -> Result<(), StorageError> {
    let server =
        "coalesce(json_extract(f.servers, '$[0]'), json_extract(g.servers, '$[0]'), m.entity)";
    let (origin, by_follower, by_following) = (origin(server), is_reader("f"), is_reader("g"));
    db.prepare_cached(&format!(
        "{INSERT}
         SELECT p.entity_id, p.key, p.version, m.entity, 1, {origin}, p.updated_at, p.updated_at
         FROM posts AS p
             JOIN mentions AS m ON m.post IN (p.key, :another)
             LEFT JOIN followers AS f ON f.entity_id = p.entity_id AND f.entity = m.entity AND f.confirmed
             LEFT JOIN followings AS g ON g.entity_id = p.entity_id AND g.entity = m.entity AND g.confirmed
         WHERE p.key = :post AND p.own AND rtrim(m.entity, '/') <> rtrim(p.publisher, '/')
             AND (p.public OR {by_follower} OR {by_following})
         ON CONFLICT DO UPDATE SET mentioned = 1"
    ))?
    .execute(named_params! {":post": post, ":another": another})?;
    Ok(())
}

/// Apps are few.
fn queue_for_apps(db: &Connection, post: i64) -> Result<(), StorageError> {
    let mut query = db.prepare_cached(
        "SELECT a.mac_key_id, a.scopes, a.post_types, a.profile_info_types, a.notification_url,
             p.type, p.own AND p.public AS open, p.updated_at
         FROM posts AS p
             JOIN apps ON apps.entity_id = p.entity_id
             JOIN authorizations AS a ON a.app = apps.key
         WHERE p.key = ?1 AND a.notification_url IS NOT NULL
             AND (a.expires_at IS NULL OR a.expires_at > p.updated_at)",
    )?;
    let mut insert = db.prepare_cached(&format!(
        "{INSERT} SELECT entity_id, key, version, ?2, 0, {}, updated_at, updated_at FROM posts WHERE key = ?1
         ON CONFLICT DO NOTHING",
        origin("?3")
    ))?;
    let mut rows = query.query([post])?;
    while let Some(row) = rows.next()? {
        let grant = apps::grant(row)?;
        let post_type = TypeUri::from(row.get::<_, String>("type")?);
        if is_for_app(&grant, &post_type, row.get("open")?) {
            let recipient = format!("{APP}{}", row.get::<_, String>("mac_key_id")?);
            insert.execute((post, recipient, grant.notification_url))?;
        }
    }
    Ok(())
}

/// Whether an app is told of a post, which may be the entity's own and public.
fn is_for_app(grant: &Grant, post_type: &TypeUri, is_open: bool) -> bool {
    holds(&grant.post_types, post_type) && (is_open || grant.has(&Scope::ReadPosts))
}

fn lease(
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

fn attempted(db: &Connection, delivery: &Delivery, attempt: Attempt) -> Result<(), StorageError> {
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
            if silent {
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

/// A delivery with its post.
struct Queued {
    owner: Owner,
    post: StoredPost,
    key: i64,
    post_type: TypeUri,
    is_own: bool,
    recipient: String,
    is_mentioned: bool,
}

fn queued(db: &Connection, key: DeliveryKey) -> Result<Option<Queued>, StorageError> {
    let columns = posts::COLUMNS
        .split(", ")
        .map(|column| format!("p.{column}"));
    let columns: Vec<_> = columns.collect();
    let mut query = db.prepare_cached(&format!(
        "SELECT {}, p.entity_id, e.entity, p.key, p.type, p.own, d.recipient, d.mentioned
         FROM deliveries AS d JOIN posts AS p ON p.key = d.post JOIN entities AS e ON e.id = p.entity_id
         WHERE d.key = ?1 AND d.version = p.version AND d.due_at IS NOT NULL
             AND e.id NOT IN (SELECT id FROM removed_entities)",
        columns.join(", ")
    ))?;
    let read = |row: &Row<'_>| {
        let at = columns.len();
        Ok(Queued {
            post: posts::stored(row)?,
            owner: Owner {
                account: AccountKey(row.get(at)?),
                entity: stored_entity(row.get(at + 1)?)?,
            },
            key: row.get(at + 2)?,
            post_type: TypeUri::from(row.get::<_, String>(at + 3)?),
            is_own: row.get(at + 4)?,
            recipient: row.get(at + 5)?,
            is_mentioned: row.get(at + 6)?,
        })
    };
    let found = query.query_row([key.0], |row| Ok(read(row)));
    found.optional()?.transpose()
}

fn outgoing(db: &Connection, key: DeliveryKey, now: i64) -> Result<Option<Outgoing>, StorageError> {
    let Some(queued) = queued(db, key)? else {
        return Ok(None);
    };
    let (recipient, route) = if let Some(mac_id) = queued.recipient.strip_prefix(APP) {
        (None, route_to_app(db, &queued, mac_id, now)?)
    } else if let Some(entity) = queued.recipient.strip_prefix(ended_followings::RECIPIENT) {
        let entity = stored_entity(entity.to_owned())?;
        let followed = ended_followings::read(db, queued.owner.account, key, entity)?;
        (None, followed.map(Box::new).map(Route::Unfollowed))
    } else {
        let entity = stored_entity(queued.recipient.clone())?;
        let route = route_to_entity(db, &queued, &entity)?;
        (Some(entity), route)
    };
    Ok(route.map(|route| Outgoing {
        owner: queued.owner,
        recipient,
        post: queued.post,
        route,
    }))
}

fn route_to_app(
    db: &Connection,
    queued: &Queued,
    mac_id: &str,
    now: i64,
) -> Result<Option<Route>, StorageError> {
    let found = apps::authorized(db, queued.owner.account, mac_id, now)?;
    Ok(found.and_then(|(credentials, grant)| {
        let is_open = queued.is_own && queued.post.public;
        let url = grant.notification_url.clone()?;
        is_for_app(&grant, &queued.post_type, is_open).then_some(Route::App {
            url,
            credentials,
            grant,
        })
    }))
}

/// By the relation, where there is one through which the post can be seen.
fn route_to_entity(
    db: &Connection,
    queued: &Queued,
    entity: &Entity,
) -> Result<Option<Route>, StorageError> {
    let name = RelationName::Entity(entity.clone());
    for side in [Side::Follower, Side::Following] {
        let found = relations::read(db, queued.owner.account, side, &name)?;
        let found = found.filter(|found| found.confirmed && found.credentials.is_some());
        let Some(found) = found else { continue };
        if !sees(db, queued, &found)? {
            continue;
        }
        let relation = Box::new(found);
        return Ok(Some(match side {
            Side::Follower => {
                let view = wanted_view(&relation, &queued.post_type);
                Route::Follower(relation, view)
            }
            Side::Following => Route::Following(relation),
        }));
    }
    let is_for_strangers = queued.post.public && queued.is_mentioned;
    Ok(is_for_strangers.then(|| Route::Stranger(entity.clone())))
}

fn sees(db: &Connection, queued: &Queued, relation: &Relation) -> Result<bool, StorageError> {
    let mut condition = Condition::new(queued.owner.account);
    condition.and("key = ?", [queued.key.into()]);
    condition.visible(&Visible::Shared(
        relation.entity.clone(),
        relation.record.groups.clone(),
    ));
    let sql = format!(
        "SELECT EXISTS (SELECT 1 FROM posts WHERE {})",
        condition.sql()
    );
    let mut query = db.prepare_cached(&sql)?;
    Ok(query.query_row(condition.params(), |row| row.get(0))?)
}

/// The view that a follower has asked for: of the very type, or of all.
fn wanted_view(follower: &Relation, post_type: &TypeUri) -> Option<String> {
    let types = &follower.record.types;
    let exact = types.iter().find(|one| one.base() == post_type.base());
    let wanted = exact.or_else(|| types.iter().find(|one| one.is_all()));
    wanted?.view().map(str::to_owned)
}

/// Notes which types a follower wants: all, when it names none.
pub(super) fn subscribe(
    db: &Connection,
    account: AccountKey,
    follower: &Relation,
) -> Result<(), StorageError> {
    let key: i64 = db
        .prepare_cached("SELECT key FROM followers WHERE entity_id = ?1 AND id = ?2")?
        .query_row((account.0, &follower.id), |row| row.get(0))?;
    db.prepare_cached("DELETE FROM subscriptions WHERE follower = ?1")?
        .execute([key])?;
    let mut subscribe = db.prepare_cached(
        "INSERT OR IGNORE INTO subscriptions (follower, type_base) VALUES (?1, ?2)",
    )?;
    let all = [TypeUri::all()];
    let types = match follower.record.types.as_slice() {
        [] => &all,
        types => types,
    };
    for one in types {
        subscribe.execute((key, one.base()))?;
    }
    Ok(())
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
            entity: stored_entity(row.get(1)?)?,
        };
        known.push((owner, stored_entity(row.get(2)?)?, row.get(3)?));
    }
    Ok(known)
}

#[cfg(test)]
mod tests;
