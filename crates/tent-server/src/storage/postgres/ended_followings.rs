//! Followings that have ended, until their servers know.

use tent_proto::Entity;
use tent_proto::follow::Followed;

use super::connection::{Db, json};
use super::relations;
use crate::storage::delivery::{Recipient, origin};
use crate::storage::row::{self, Row as _};
use crate::storage::{
    AccountKey, DeliveryKey, NewPost, Relation, RelationName, Side, StorageError,
};

/// Queues, with the notice that a following has ended, that its server is told.
pub(super) async fn queue(
    db: &Db,
    account: AccountKey,
    following: &Relation,
    notice: &NewPost,
) -> Result<(), StorageError> {
    let remote_id = following.record.remote_id.as_ref();
    let known = remote_id.zip(following.credentials.as_ref());
    let Some((remote_id, credentials)) = known else {
        return Ok(()); // it knows of nothing
    };
    let entity = following.entity.as_str();
    let server = following.servers.first();
    let delivery: i64 = db
        .one(
            "INSERT INTO deliveries (entity_id, post, version, recipient, mentioned, origin, queued_at, due_at)
             SELECT entity_id, key, version, $4, FALSE, $5, updated_at, updated_at
             FROM posts WHERE entity_id = $1 AND publisher = $2 AND id = $3
             RETURNING key",
            &[
                &account.0,
                &notice.publisher.as_str(),
                &notice.id.as_str(),
                &Recipient::Unfollowed(entity).to_string(),
                &server.map_or(entity, |server| origin(server.as_str())),
            ],
        )
        .await?;
    db.note_queued();
    db.execute(
        "INSERT INTO ended_followings (delivery, remote_id, servers, mac_key_id, mac_key, mac_algorithm)
         VALUES ($1, $2, $3, $4, $5, $6)",
        &[
            &delivery,
            &remote_id.as_str(),
            &json(&following.servers)?,
            &credentials.id(),
            &credentials.key().expose(),
            &credentials.algorithm().as_str(),
        ],
    )
    .await?;
    Ok(())
}

/// What the server is told by, unless its entity is followed again.
pub(super) async fn read(
    db: &Db,
    account: AccountKey,
    delivery: DeliveryKey,
    entity: Entity,
) -> Result<Option<Followed>, StorageError> {
    let name = RelationName::Entity(entity.clone());
    let again = relations::read(db, account, Side::Following, &name).await?;
    if again.is_some_and(|again| again.confirmed) {
        return Ok(None);
    }
    let sql = "SELECT remote_id, servers, mac_key_id, mac_key, mac_algorithm FROM ended_followings WHERE delivery = $1";
    let Some(row) = db.row(sql, &[&delivery.0]).await? else {
        return Ok(None);
    };
    Ok(Some(Followed::new(
        entity,
        row.json("servers")?,
        row.column::<String>("remote_id")?.into(),
        row::credentials(&row)?,
    )))
}
