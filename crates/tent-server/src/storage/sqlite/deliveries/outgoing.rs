//! What a delivery comes to: the post, and how it gets there.

use rusqlite::{Connection, OptionalExtension, Row};
use tent_proto::{Entity, TypeUri};

use super::{APP, is_for_app};
use crate::storage::condition::Condition;
use crate::storage::sqlite::accounts::stored_entity;
use crate::storage::sqlite::{ended_followings, holders, posts, relations};
use crate::storage::{
    AccountKey, DeliveryKey, Outgoing, Owner, Relation, RelationName, Route, Side, StorageError,
    StoredPost, Visible,
};

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

pub(super) fn outgoing(
    db: &Connection,
    key: DeliveryKey,
    now: i64,
) -> Result<Option<Outgoing>, StorageError> {
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
    let found = holders::authorized(db, queued.owner.account, mac_id, now)?;
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
