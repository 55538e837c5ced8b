//! Followers and followings.

use rusqlite::{Connection, OptionalExtension, Row};
use tent_proto::mac::{Algorithm, Credentials};

use super::accounts::stored_entity;
use super::{Sqlite, deliveries, ended_followings, ids, json, posts};
use crate::storage::condition::Condition;
use crate::storage::value::text;
use crate::storage::{
    AccountKey, Change, Holder, IdPage, NewPost, Relation, RelationFilter, RelationName, Relations,
    Reply, Side, Stamp, StorageError,
};

const COLUMNS: &str = "id, entity, public, confirmed, mac_key_id, mac_key, mac_algorithm, servers, record, created_at, updated_at";

const fn table(side: Side) -> &'static str {
    match side {
        Side::Follower => "followers",
        Side::Following => "followings",
    }
}

impl Relations for Sqlite {
    fn relations(
        &self,
        account: AccountKey,
        side: Side,
        page: IdPage,
        filter: RelationFilter,
    ) -> Reply<'_, Vec<Relation>> {
        self.read(move |db| {
            let table = (table(side), COLUMNS);
            ids::page(
                db,
                table,
                account,
                condition(account, &filter),
                &page,
                stored,
            )
        })
    }

    fn count_relations(
        &self,
        account: AccountKey,
        side: Side,
        filter: RelationFilter,
    ) -> Reply<'_, u64> {
        self.read(move |db| ids::count(db, table(side), condition(account, &filter)))
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
            change(&mut relation);
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
                table(side)
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

fn condition(account: AccountKey, filter: &RelationFilter) -> Condition {
    let mut condition = Condition::new(account);
    condition.and("confirmed", []);
    if filter.public_only {
        condition.and("public", []);
    }
    if let Some(entity) = &filter.entity {
        condition.and("entity = ?", [text(entity.as_str())]);
    }
    condition
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
        "SELECT {COLUMNS} FROM {} WHERE entity_id = ?1 AND {column} = ?2",
        table(side)
    );
    let mut query = db.prepare_cached(&sql)?;
    let found = query.query_row((account.0, value), |row| Ok(stored(row)));
    found.optional()?.transpose()
}

fn insert(
    db: &Connection,
    account: AccountKey,
    side: Side,
    relation: &Relation,
) -> Result<(), StorageError> {
    let sql = format!(
        "INSERT INTO {} (entity_id, {COLUMNS})
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        table(side)
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
        table(side)
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

fn stored(row: &Row<'_>) -> Result<Relation, StorageError> {
    Ok(Relation {
        id: row.get(0)?,
        entity: stored_entity(row.get(1)?)?,
        public: row.get(2)?,
        confirmed: row.get(3)?,
        credentials: credentials(row)?,
        servers: json::read(row, "servers")?,
        record: json::read(row, "record")?,
        created_at: row.get(9)?,
        updated_at: row.get(10)?,
    })
}

fn credentials(row: &Row<'_>) -> Result<Option<Credentials>, StorageError> {
    let (Some(id), Some(key)) = (row.get::<_, Option<String>>(4)?, row.get(5)?) else {
        return Ok(None);
    };
    let key: String = key;
    let algorithm = row.get::<_, Option<String>>(6)?;
    let algorithm = algorithm.and_then(|name| name.parse().ok());
    Ok(Credentials::new(id, key, algorithm.unwrap_or(Algorithm::HmacSha256)).ok())
}

/// The follower, or else the followed, whose server signs with this MAC id.
pub(super) fn holder(
    db: &Connection,
    account: AccountKey,
    mac_id: &str,
) -> Result<Option<Holder>, StorageError> {
    for side in [Side::Follower, Side::Following] {
        let sql = format!(
            "SELECT {COLUMNS} FROM {} WHERE mac_key_id = ?1 AND entity_id = ?2",
            table(side)
        );
        let mut query = db.prepare_cached(&sql)?;
        let found = query.query_row((mac_id, account.0), |row| Ok(stored(row)));
        let Some(relation) = found.optional()?.transpose()? else {
            continue;
        };
        let Some(credentials) = relation.credentials else {
            continue;
        };
        return Ok(Some(Holder::Server {
            credentials,
            side,
            id: relation.id,
            entity: relation.entity,
            groups: relation.record.groups,
        }));
    }
    Ok(None)
}
