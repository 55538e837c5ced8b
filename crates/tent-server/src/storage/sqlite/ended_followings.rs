//! Followings that have ended, until their servers know.

use rusqlite::Connection;
use tent_proto::Entity;
use tent_proto::follow::Followed;

use super::{json, relations};
use crate::storage::delivery::Recipient;
use crate::storage::row::{self, Row as _};
use crate::storage::{
    AccountKey, DeliveryKey, NewPost, Relation, RelationName, Side, StorageError,
};

/// Queues, with the notice that a following has ended, that its server is told.
pub(super) fn queue(
    db: &Connection,
    account: AccountKey,
    following: &Relation,
    notice: &NewPost,
) -> Result<(), StorageError> {
    let remote_id = following.record.remote_id.as_ref();
    let known = remote_id.zip(following.credentials.as_ref());
    let Some((remote_id, credentials)) = known else {
        return Ok(()); // it knows of nothing
    };
    let origin = following.servers.first();
    let origin = origin.map(|server| server.url().origin().ascii_serialization());
    let delivery: i64 = db
        .prepare_cached(
            "INSERT INTO deliveries (entity_id, post, version, recipient, mentioned, origin, queued_at, due_at)
             SELECT entity_id, key, version, ?4, 0, coalesce(?6, ?5), updated_at, updated_at
             FROM posts WHERE entity_id = ?1 AND publisher = ?2 AND id = ?3
             RETURNING key",
        )?
        .query_row(
            (
                account.0,
                notice.publisher.as_str(),
                notice.id.as_str(),
                Recipient::Unfollowed(following.entity.as_str()).to_string(),
                following.entity.as_str(),
                origin,
            ),
            |row| row.get(0),
        )?;
    db.prepare_cached(
        "INSERT INTO ended_followings (delivery, remote_id, servers, mac_key_id, mac_key, mac_algorithm)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute((
        delivery,
        remote_id.as_str(),
        json::write(&following.servers)?,
        credentials.id(),
        credentials.key().expose(),
        credentials.algorithm().as_str(),
    ))?;
    Ok(())
}

/// What the server is told by, unless its entity is followed again.
pub(super) fn read(
    db: &Connection,
    account: AccountKey,
    delivery: DeliveryKey,
    entity: Entity,
) -> Result<Option<Followed>, StorageError> {
    let name = RelationName::Entity(entity.clone());
    let again = relations::read(db, account, Side::Following, &name)?;
    if again.is_some_and(|again| again.confirmed) {
        return Ok(None);
    }
    let mut query = db.prepare_cached("SELECT * FROM ended_followings WHERE delivery = ?1")?;
    let mut rows = query.query([delivery.0])?;
    let Some(row) = rows.next()? else {
        return Ok(None);
    };
    Ok(Some(Followed::new(
        entity,
        row.json("servers")?,
        row.get::<_, String>("remote_id")?.into(),
        row::credentials(row)?,
    )))
}
