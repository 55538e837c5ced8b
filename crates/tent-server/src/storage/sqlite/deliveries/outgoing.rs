//! What a delivery comes to: the post, and how it gets there.

use rusqlite::{Connection, OptionalExtension, Row};
use tent_proto::{Entity, TypeUri};

use crate::storage::condition::Condition;
use crate::storage::delivery::{Queued, Recipient};
use crate::storage::row;
use crate::storage::sqlite::{ended_followings, holders, relations};
use crate::storage::{
    AccountKey, DeliveryKey, Outgoing, Owner, Relation, RelationName, Route, Side, StorageError,
    StoredPost,
};

fn queued(db: &Connection, key: DeliveryKey) -> Result<Option<Queued>, StorageError> {
    let columns = StoredPost::COLUMNS
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
            post: StoredPost::read(row)?,
            owner: Owner {
                account: AccountKey(row.get(at)?),
                entity: row::entity(row.get(at + 1)?)?,
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

pub(super) fn outgoing(
    db: &Connection,
    key: DeliveryKey,
    now: i64,
) -> Result<Option<Outgoing>, StorageError> {
    let Some(queued) = queued(db, key)? else {
        return Ok(None);
    };
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
