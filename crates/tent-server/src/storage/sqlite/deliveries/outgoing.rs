//! What a delivery comes to: the post, and how it gets there.

use std::collections::HashMap;
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension};
use tent_proto::{Entity, TypeUri};

use crate::storage::condition::Condition;
use crate::storage::delivery::{Queued, Recipient};
use crate::storage::row;
use crate::storage::sqlite::{ended_followings, holders, relations};
use crate::storage::{
    AccountKey, DeliveryKey, Outgoing, Owner, Relation, RelationName, Route, Side, StorageError,
    StoredPost,
};

/// Posts that were read, by their rows: one goes to many.
type Posts = HashMap<i64, Arc<StoredPost>>;

fn queued(
    db: &Connection,
    key: DeliveryKey,
    posts: &mut Posts,
) -> Result<Option<Queued>, StorageError> {
    let mut query = db.prepare_cached(
        "SELECT p.entity_id, e.entity, p.key, p.type, p.own, d.recipient, d.mentioned, d.version
         FROM deliveries AS d JOIN posts AS p ON p.key = d.post JOIN entities AS e ON e.id = p.entity_id
         WHERE d.key = ?1 AND d.due_at IS NOT NULL AND e.id NOT IN (SELECT id FROM removed_entities)",
    )?;
    let mut rows = query.query([key.0])?;
    let Some(row) = rows.next()? else {
        return Ok(None);
    };
    let post = row.get(2)?;
    let Some(stored) = stored(db, post, posts)? else {
        return Ok(None);
    };
    if stored.version != row::version(row.get(7)?) {
        return Ok(None);
    }
    Ok(Some(Queued {
        post: stored,
        owner: Owner {
            account: AccountKey(row.get(0)?),
            entity: row::entity(row.get(1)?)?,
        },
        key: post,
        post_type: TypeUri::from(row.get::<_, String>(3)?),
        is_own: row.get(4)?,
        recipient: row.get(5)?,
        is_mentioned: row.get(6)?,
    }))
}

fn stored(
    db: &Connection,
    key: i64,
    posts: &mut Posts,
) -> Result<Option<Arc<StoredPost>>, StorageError> {
    if let Some(post) = posts.get(&key) {
        return Ok(Some(Arc::clone(post)));
    }
    let columns = StoredPost::COLUMNS;
    let mut query = db.prepare_cached(&format!("SELECT {columns} FROM posts WHERE key = ?1"))?;
    let found = query.query_row([key], |row| Ok(StoredPost::read(row)));
    let post = found.optional()?.transpose()?.map(Arc::new);
    posts.extend(post.iter().map(|post| (key, Arc::clone(post))));
    Ok(post)
}

pub(super) fn outgoing(
    db: &Connection,
    keys: &[DeliveryKey],
    now: i64,
) -> Result<Vec<Option<Outgoing>>, StorageError> {
    let mut posts = Posts::new();
    let mut one = |key: &DeliveryKey| match queued(db, *key, &mut posts)? {
        Some(queued) => route(db, *key, queued, now),
        None => Ok(None),
    };
    keys.iter().map(&mut one).collect()
}

fn route(
    db: &Connection,
    key: DeliveryKey,
    queued: Queued,
    now: i64,
) -> Result<Option<Outgoing>, StorageError> {
    let account = queued.owner.account;
    let (recipient, route) = match Recipient::parse(&queued.recipient) {
        Recipient::App(mac_id) => {
            let found = holders::authorized(db, account, mac_id, now)?;
            let route = found.and_then(|(credentials, grant)| queued.to_app(credentials, grant));
            (None, route)
        }
        Recipient::Unfollowed(entity) => {
            let entity = row::entity(entity.to_owned())?;
            let followed = ended_followings::read(db, account, key, entity)?;
            (None, followed.map(Box::new).map(Route::Unfollowed))
        }
        Recipient::Entity(entity) => {
            let entity = row::entity(entity.to_owned())?;
            let route = route_to_entity(db, &queued, &entity)?;
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
        if sees(db, queued, &found)? {
            return Ok(Some(queued.to_relation(side, found)));
        }
    }
    Ok(queued.to_stranger(entity))
}

fn sees(db: &Connection, queued: &Queued, relation: &Relation) -> Result<bool, StorageError> {
    let mut condition = Condition::new(queued.owner.account);
    condition.and("key = ?", [queued.key.into()]);
    condition.visible(&relation.sees());
    let sql = format!(
        "SELECT EXISTS (SELECT 1 FROM posts WHERE {})",
        condition.sql()
    );
    let mut query = db.prepare_cached(&sql)?;
    Ok(query.query_row(condition.params(), |row| row.get(0))?)
}
