//! What deliveries come to: the posts, and how they get there.

use std::collections::HashMap;
use std::sync::Arc;

use tent_proto::{Entity, TypeUri};

use crate::storage::condition::Condition;
use crate::storage::delivery::{Queued, Recipient};
use crate::storage::postgres::connection::{Db, borrowed};
use crate::storage::postgres::{ended_followings, holders};
use crate::storage::row::{self, Row as _};
use crate::storage::{
    AccountKey, DeliveryKey, Outgoing, Owner, Relation, Route, Side, StorageError, StoredPost,
};

/// Reads all of them in one round trip, but for those that go to others than followers.
pub(super) async fn outgoing(
    db: &Db,
    keys: &[DeliveryKey],
    now: i64,
) -> Result<Vec<Option<Outgoing>>, StorageError> {
    let keys: Vec<_> = keys.iter().map(|key| key.0).collect();
    let (posts, queued, followers) = tokio::join!(
        posts(db, &keys),
        queued(db, &keys),
        relations(db, Side::Follower, &keys)
    );
    let (posts, mut queued, mut followers) = (posts?, queued?, followers?);
    let mut all = Vec::with_capacity(keys.len());
    for key in keys {
        let queued = queued.remove(&key).and_then(|queued| queued.with(&posts));
        all.push(match queued {
            Some(queued) => route(db, key, queued, followers.remove(&key), now).await?,
            None => None,
        });
    }
    Ok(all)
}

/// The posts that these deliver, by their rows.
async fn posts(db: &Db, keys: &[i64]) -> Result<HashMap<i64, Arc<StoredPost>>, StorageError> {
    let sql = format!(
        "SELECT {}, key FROM posts WHERE key IN (SELECT post FROM deliveries WHERE key = ANY($1))",
        StoredPost::COLUMNS
    );
    let rows = db.rows(&sql, &[&keys]).await?;
    let posts = rows.iter().map(|row| {
        let post = StoredPost::read(row)?;
        Ok((row.column("key")?, Arc::new(post)))
    });
    posts.collect()
}

/// A delivery of this version of a post, which is yet to be read.
struct Unread {
    version: u32,
    owner: Owner,
    key: i64,
    post_type: TypeUri,
    is_own: bool,
    recipient: String,
    is_mentioned: bool,
}

impl Unread {
    /// With its post, unless that has a newer version.
    fn with(self, posts: &HashMap<i64, Arc<StoredPost>>) -> Option<Queued> {
        let post = posts.get(&self.key);
        let post = post.filter(|post| post.version == self.version)?;
        Some(Queued {
            owner: self.owner,
            post: Arc::clone(post),
            key: self.key,
            post_type: self.post_type,
            is_own: self.is_own,
            recipient: self.recipient,
            is_mentioned: self.is_mentioned,
        })
    }
}

async fn queued(db: &Db, keys: &[i64]) -> Result<HashMap<i64, Unread>, StorageError> {
    let rows = db
        .rows(
            "SELECT d.key, d.version, p.entity_id, e.entity, p.key, p.type, p.own, d.recipient, d.mentioned
             FROM deliveries AS d JOIN posts AS p ON p.key = d.post JOIN entities AS e ON e.id = p.entity_id
             WHERE d.key = ANY($1) AND d.due_at IS NOT NULL AND NOT e.removed",
            &[&keys],
        )
        .await?;
    let queued = rows.iter().map(|row| {
        let unread = Unread {
            version: row::version(row.at(1)?),
            owner: Owner {
                account: AccountKey(row.at(2)?),
                entity: row::entity(row.at(3)?)?,
            },
            key: row.at(4)?,
            post_type: TypeUri::from(row.at::<String>(5)?),
            is_own: row.at(6)?,
            recipient: row.at(7)?,
            is_mentioned: row.at(8)?,
        };
        Ok((row.at(0)?, unread))
    });
    queued.collect()
}

/// The relations to whom deliveries are for, by their rows, if they can be used.
async fn relations(
    db: &Db,
    side: Side,
    keys: &[i64],
) -> Result<HashMap<i64, Relation>, StorageError> {
    let columns = Relation::COLUMNS.split(", ");
    let columns: Vec<_> = columns.map(|column| format!("r.{column}")).collect();
    let sql = format!(
        "SELECT {}, d.key AS delivery
         FROM deliveries AS d JOIN {} AS r ON (r.entity_id, r.entity) = (d.entity_id, d.recipient)
         WHERE d.key = ANY($1) AND r.confirmed AND r.mac_key IS NOT NULL",
        columns.join(", "),
        side.table()
    );
    let rows = db.rows(&sql, &[&keys]).await?;
    let relations = rows
        .iter()
        .map(|row| Ok((row.column("delivery")?, Relation::read(row)?)));
    relations.collect()
}

async fn route(
    db: &Db,
    key: i64,
    queued: Queued,
    follower: Option<Relation>,
    now: i64,
) -> Result<Option<Outgoing>, StorageError> {
    let account = queued.owner.account;
    let (recipient, route) = match Recipient::parse(&queued.recipient) {
        Recipient::App(mac_id) => {
            let found = holders::authorized(db, account, mac_id, now).await?;
            let route = found.and_then(|(credentials, grant)| queued.to_app(credentials, grant));
            (None, route)
        }
        Recipient::Unfollowed(entity) => {
            let entity = row::entity(entity.to_owned())?;
            let followed = ended_followings::read(db, account, DeliveryKey(key), entity).await?;
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
    key: i64,
    queued: &Queued,
    follower: Option<Relation>,
    entity: &Entity,
) -> Result<Option<Route>, StorageError> {
    if let Some(follower) = follower
        && sees(db, queued, &follower).await?
    {
        return Ok(Some(queued.to_relation(Side::Follower, follower)));
    }
    if let Some(following) = relations(db, Side::Following, &[key]).await?.remove(&key)
        && sees(db, queued, &following).await?
    {
        return Ok(Some(queued.to_relation(Side::Following, following)));
    }
    Ok(queued.to_stranger(entity))
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
