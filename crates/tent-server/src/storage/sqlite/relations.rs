//! Followers and followings.

use rusqlite::{Connection, OptionalExtension};
use tent_proto::mac::Credentials;

use super::{Sqlite, deliveries, ended_followings, ids, json, posts};
use crate::storage::condition::Condition;
use crate::storage::{
    AccountKey, Change, Holder, IdPage, NewPost, Relation, RelationFilter, RelationName, Relations,
    Reply, Side, Stamp, StorageError,
};

impl Relations for Sqlite {
    fn relations(
        &self,
        account: AccountKey,
        side: Side,
        page: IdPage,
        filter: RelationFilter,
    ) -> Reply<'_, Vec<Relation>> {
        self.read(move |db| {
            let table = (side.table(), Relation::COLUMNS);
            ids::page(
                db,
                table,
                account,
                Condition::relation(account, &filter),
                &page,
                |row| Relation::read(row),
            )
        })
    }

    fn count_relations(
        &self,
        account: AccountKey,
        side: Side,
        filter: RelationFilter,
    ) -> Reply<'_, u64> {
        self.read(move |db| ids::count(db, side.table(), Condition::relation(account, &filter)))
    }

    fn relation(
        &self,
        account: AccountKey,
        side: Side,
        name: RelationName,
    ) -> Reply<'_, Option<Relation>> {
        self.read(move |db| read(db, account, side, &name))
    }

    fn create_relation(
        &self,
        account: AccountKey,
        side: Side,
        relation: Relation,
        notice: Option<NewPost>,
        stamp: Option<Stamp>,
    ) -> Reply<'_, (Relation, bool)> {
        self.write_signed(stamp, move |db| {
            let names = [
                RelationName::Id(relation.id.clone()),
                RelationName::Entity(relation.entity.clone()),
            ];
            for name in &names {
                if let Some(found) = read(db, account, side, name)? {
                    return Ok((found, false));
                }
            }
            publish(db, account, notice)?; // before the other is there, who knows
            insert(db, account, side, &relation)?;
            Ok((relation, true))
        })
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
        self.write_signed(stamp, move |db| {
            let Some(mut relation) = read(db, account, side, &RelationName::Id(id.clone()))? else {
                return Ok(None);
            };
            change.apply(&mut relation);
            relation.id = id;
            update(db, account, side, &relation)?;
            publish(db, account, notice)?;
            Ok(Some(relation))
        })
    }

    fn delete_relation(
        &self,
        account: AccountKey,
        side: Side,
        id: String,
        notice: NewPost,
        stamp: Option<Stamp>,
    ) -> Reply<'_, Option<Relation>> {
        self.write_signed(stamp, move |db| {
            let Some(relation) = read(db, account, side, &RelationName::Id(id))? else {
                return Ok(None);
            };
            let sql = format!(
                "DELETE FROM {} WHERE entity_id = ?1 AND id = ?2",
                side.table()
            );
            db.prepare_cached(&sql)?
                .execute((account.0, &relation.id))?;
            if relation.confirmed {
                posts::create(db, account, &notice)?;
                if side == Side::Following {
                    ended_followings::queue(db, account, &relation, &notice)?;
                }
            }
            Ok(Some(relation))
        })
    }
}

fn publish(
    db: &Connection,
    account: AccountKey,
    notice: Option<NewPost>,
) -> Result<(), StorageError> {
    match notice {
        Some(notice) => posts::create(db, account, &notice).map(drop),
        None => Ok(()),
    }
}

pub(super) fn read(
    db: &Connection,
    account: AccountKey,
    side: Side,
    name: &RelationName,
) -> Result<Option<Relation>, StorageError> {
    let (column, value) = match name {
        RelationName::Id(id) => ("id", id.as_str()),
        RelationName::Entity(entity) => ("entity", entity.as_str()),
    };
    let sql = format!(
        "SELECT {} FROM {} WHERE entity_id = ?1 AND {column} = ?2",
        Relation::COLUMNS,
        side.table()
    );
    let mut query = db.prepare_cached(&sql)?;
    let found = query.query_row((account.0, value), |row| Ok(Relation::read(row)));
    found.optional()?.transpose()
}

fn insert(
    db: &Connection,
    account: AccountKey,
    side: Side,
    relation: &Relation,
) -> Result<(), StorageError> {
    let sql = format!(
        "INSERT INTO {} (entity_id, {})
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        side.table(),
        Relation::COLUMNS
    );
    execute(db, &sql, account, relation)?;
    subscribe(db, account, side, relation)
}

fn subscribe(
    db: &Connection,
    account: AccountKey,
    side: Side,
    relation: &Relation,
) -> Result<(), StorageError> {
    match side {
        Side::Follower => deliveries::subscribe(db, account, relation),
        Side::Following => Ok(()),
    }
}

fn update(
    db: &Connection,
    account: AccountKey,
    side: Side,
    relation: &Relation,
) -> Result<(), StorageError> {
    let sql = format!(
        "UPDATE {} SET entity = ?3, public = ?4, confirmed = ?5, mac_key_id = ?6, mac_key = ?7, mac_algorithm = ?8,
             servers = ?9, record = ?10, created_at = ?11, updated_at = ?12
         WHERE entity_id = ?1 AND id = ?2",
        side.table()
    );
    execute(db, &sql, account, relation)?;
    subscribe(db, account, side, relation)
}

fn execute(
    db: &Connection,
    sql: &str,
    account: AccountKey,
    relation: &Relation,
) -> Result<(), StorageError> {
    let credentials = relation.credentials.as_ref();
    db.prepare_cached(sql)?.execute((
        account.0,
        &relation.id,
        relation.entity.as_str(),
        relation.public,
        relation.confirmed,
        credentials.map(Credentials::id),
        credentials.map(|credentials| credentials.key().expose()),
        credentials.map(|credentials| credentials.algorithm().as_str()),
        json::write(&relation.servers)?,
        json::write(&relation.record)?,
        relation.created_at,
        relation.updated_at,
    ))?;
    Ok(())
}

/// The follower, or else the followed, whose server signs with this MAC id.
pub(super) fn holder(
    db: &Connection,
    account: AccountKey,
    mac_id: &str,
) -> Result<Option<Holder>, StorageError> {
    for side in [Side::Follower, Side::Following] {
        let sql = format!(
            "SELECT {} FROM {} WHERE mac_key_id = ?1 AND entity_id = ?2",
            Relation::COLUMNS,
            side.table()
        );
        let mut query = db.prepare_cached(&sql)?;
        let found = query.query_row((mac_id, account.0), |row| Ok(Relation::read(row)));
        let relation = found.optional()?.transpose()?;
        if let Some(holder) = relation.and_then(|relation| relation.holder(side)) {
            return Ok(Some(holder));
        }
    }
    Ok(None)
}
