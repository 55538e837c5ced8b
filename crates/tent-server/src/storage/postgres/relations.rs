//! Followers and followings.

use tent_proto::Server;
use tent_proto::mac::Credentials;

use super::connection::{Db, json};
use super::text::escaped;
use super::{Postgres, ended_followings, ids, posts, queue};
use crate::storage::condition::{Condition, group_as_reader};
use crate::storage::delivery::origin;
use crate::storage::{
    AccountKey, Change, Holder, IdPage, NewPost, Record, Relation, RelationFilter, RelationName,
    Relations, Reply, Side, Stamp, StorageError,
};

impl Relations for Postgres {
    fn relations(
        &self,
        account: AccountKey,
        side: Side,
        page: IdPage,
        filter: RelationFilter,
    ) -> Reply<'_, Vec<Relation>> {
        let with = (account, side, page, filter);
        self.read(with, |db, (account, side, page, filter)| {
            let table = (side.table(), Relation::COLUMNS);
            let condition = Condition::relation(*account, filter);
            Box::pin(ids::page(
                db,
                table,
                *account,
                condition,
                page,
                Relation::read,
            ))
        })
    }

    fn count_relations(
        &self,
        account: AccountKey,
        side: Side,
        filter: RelationFilter,
    ) -> Reply<'_, u64> {
        self.read((account, side, filter), |db, (account, side, filter)| {
            let condition = Condition::relation(*account, filter);
            Box::pin(ids::count(db, side.table(), condition))
        })
    }

    fn relation(
        &self,
        account: AccountKey,
        side: Side,
        name: RelationName,
    ) -> Reply<'_, Option<Relation>> {
        self.read((account, side, name), |db, (account, side, name)| {
            Box::pin(read(db, *account, *side, name))
        })
    }

    fn create_relation(
        &self,
        account: AccountKey,
        side: Side,
        relation: Relation,
        notice: Option<NewPost>,
        stamp: Option<Stamp>,
    ) -> Reply<'_, (Relation, bool)> {
        let with = (account, side, relation, notice);
        self.write_signed(
            account,
            stamp,
            with,
            |db, (account, side, relation, notice)| {
                Box::pin(create(db, *account, *side, relation, notice.as_ref()))
            },
        )
    }

    fn change_relation(
        &self,
        account: AccountKey,
        side: Side,
        id: String,
        change: Change,
        notice: Option<NewPost>,
        stamp: Option<Stamp>,
    ) -> Reply<'_, Option<Relation>> {
        let with = (account, side, RelationName::Id(id), change, notice);
        self.write_signed(
            account,
            stamp,
            with,
            |db, (account, side, name, change, notice)| {
                Box::pin(async move {
                    let Some(mut relation) = read(db, *account, *side, name).await? else {
                        return Ok(None);
                    };
                    let id = relation.id.clone();
                    change.clone().apply(&mut relation);
                    relation.id = id;
                    update(db, *account, *side, &relation).await?;
                    publish(db, *account, notice.as_ref()).await?;
                    Ok(Some(relation))
                })
            },
        )
    }

    fn delete_relation(
        &self,
        account: AccountKey,
        side: Side,
        id: String,
        notice: NewPost,
        stamp: Option<Stamp>,
    ) -> Reply<'_, Option<Relation>> {
        let with = (account, side, RelationName::Id(id), notice);
        self.write_signed(account, stamp, with, |db, (account, side, name, notice)| {
            Box::pin(async move {
                let Some(relation) = read(db, *account, *side, name).await? else {
                    return Ok(None);
                };
                let sql = format!(
                    "DELETE FROM {} WHERE entity_id = $1 AND id = $2",
                    side.table()
                );
                db.execute(&sql, &[&account.0, &relation.id]).await?;
                if relation.confirmed {
                    posts::create(db, *account, notice).await?;
                    if *side == Side::Following {
                        ended_followings::queue(db, *account, &relation, notice).await?;
                    }
                }
                Ok(Some(relation))
            })
        })
    }
}

async fn publish(
    db: &Db,
    account: AccountKey,
    notice: Option<&NewPost>,
) -> Result<(), StorageError> {
    match notice {
        Some(notice) => posts::create(db, account, notice).await.map(drop),
        None => Ok(()),
    }
}

pub(super) async fn read(
    db: &Db,
    account: AccountKey,
    side: Side,
    name: &RelationName,
) -> Result<Option<Relation>, StorageError> {
    let (column, value) = match name {
        RelationName::Id(id) => ("id", id.as_str()),
        RelationName::Entity(entity) => ("entity", entity.as_str()),
    };
    let sql = format!(
        "SELECT {} FROM {} WHERE entity_id = $1 AND {column} = $2",
        Relation::COLUMNS,
        side.table()
    );
    let row = db.row(&sql, &[&account.0, &value]).await?;
    row.as_ref().map(Relation::read).transpose()
}

async fn create(
    db: &Db,
    account: AccountKey,
    side: Side,
    relation: &Relation,
    notice: Option<&NewPost>,
) -> Result<(Relation, bool), StorageError> {
    let names = [
        RelationName::Id(relation.id.clone()),
        RelationName::Entity(relation.entity.clone()),
    ];
    for name in &names {
        if let Some(found) = read(db, account, side, name).await? {
            return Ok((found, false));
        }
    }
    publish(db, account, notice).await?; // before the other is there, who knows
    let sql = format!(
        "INSERT INTO {} (entity_id, {}, origin, readers)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
         RETURNING key",
        side.table(),
        Relation::COLUMNS
    );
    put(db, &sql, account, side, relation).await?;
    Ok((relation.clone(), true))
}

async fn update(
    db: &Db,
    account: AccountKey,
    side: Side,
    relation: &Relation,
) -> Result<(), StorageError> {
    let sql = format!(
        "UPDATE {} SET entity = $3, public = $4, confirmed = $5, mac_key_id = $6, mac_key = $7, mac_algorithm = $8,
             servers = $9, record = $10, created_at = $11, updated_at = $12, origin = $13, readers = $14
         WHERE entity_id = $1 AND id = $2
         RETURNING key",
        side.table()
    );
    put(db, &sql, account, side, relation).await
}

/// What is stored of a relation besides, so that it can be asked for: its origin, and its readers.
pub(in crate::storage) fn derived(
    entity: String,
    servers: &str,
    record: &str,
) -> Result<(Option<String>, Vec<String>), StorageError> {
    let servers: Vec<_> = serde_json::from_str(servers)?;
    Ok((
        origin_of(&servers),
        readers(entity, &serde_json::from_str(record)?),
    ))
}

fn origin_of(servers: &[Server]) -> Option<String> {
    let first = servers.first()?;
    Some(origin(first.as_str()).to_owned())
}

/// What the other stands as among the readers of posts.
fn readers(entity: String, record: &Record) -> Vec<String> {
    let groups = record.groups.iter().map(group_as_reader);
    let readers = std::iter::once(entity).chain(groups);
    readers
        .map(|reader| escaped(&reader).into_owned())
        .collect()
}

/// Stores a relation by this statement, which gives its row.
async fn put(
    db: &Db,
    sql: &str,
    account: AccountKey,
    side: Side,
    relation: &Relation,
) -> Result<(), StorageError> {
    let credentials = relation.credentials.as_ref();
    let readers = readers(relation.entity.to_string(), &relation.record);
    let key: i64 = db
        .one(
            sql,
            &[
                &account.0,
                &relation.id,
                &relation.entity.as_str(),
                &relation.public,
                &relation.confirmed,
                &credentials.map(Credentials::id),
                &credentials.map(|credentials| credentials.key().expose()),
                &credentials.map(|credentials| credentials.algorithm().as_str()),
                &json(&relation.servers)?,
                &json(&relation.record)?,
                &relation.created_at,
                &relation.updated_at,
                &origin_of(&relation.servers),
                &readers,
            ],
        )
        .await?;
    match side {
        Side::Follower => queue::subscribe(db, key, relation).await,
        Side::Following => Ok(()),
    }
}

/// The follower, or else the followed, whose server signs with this MAC id.
pub(super) async fn holder(
    db: &Db,
    account: AccountKey,
    mac_id: &str,
) -> Result<Option<Holder>, StorageError> {
    for side in [Side::Follower, Side::Following] {
        let sql = format!(
            "SELECT {} FROM {} WHERE mac_key_id = $1 AND entity_id = $2",
            Relation::COLUMNS,
            side.table()
        );
        let row = db.row(&sql, &[&mac_id, &account.0]).await?;
        let relation = row.as_ref().map(Relation::read).transpose()?;
        if let Some(holder) = relation.and_then(|relation| relation.holder(side)) {
            return Ok(Some(holder));
        }
    }
    Ok(None)
}
