//! Groups.

use rusqlite::{Connection, OptionalExtension};
use tent_proto::GroupId;

use super::{Sqlite, ids, posts};
use crate::storage::condition::Condition;
use crate::storage::{
    AccountKey, Groups, IdPage, NewPost, Reply, Stamp, StorageError, StoredGroup,
};

const COLUMNS: &str = "id, name, created_at, updated_at";

impl Groups for Sqlite {
    fn groups(&self, account: AccountKey, page: IdPage) -> Reply<'_, Vec<StoredGroup>> {
        self.read(move |db| {
            let all = Condition::new(account);
            let table = ("groups", COLUMNS);
            ids::page(db, table, account, all, &page, |row| StoredGroup::read(row))
        })
    }

    fn count_groups(&self, account: AccountKey) -> Reply<'_, u64> {
        self.read(move |db| ids::count(db, "groups", Condition::new(account)))
    }

    fn group(&self, account: AccountKey, id: GroupId) -> Reply<'_, Option<StoredGroup>> {
        self.read(move |db| read(db, account, &id))
    }

    fn create_group(
        &self,
        account: AccountKey,
        group: StoredGroup,
        notice: NewPost,
        stamp: Option<Stamp>,
    ) -> Reply<'_, StoredGroup> {
        self.write_signed(stamp, move |db| {
            if let Some(found) = read(db, account, &group.id)? {
                return Ok(found);
            }
            db.prepare_cached(
                "INSERT INTO groups (entity_id, id, name, created_at, updated_at)
                 VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute((
                account.0,
                group.id.as_str(),
                &group.name,
                group.created_at,
                group.updated_at,
            ))?;
            posts::create(db, account, &notice)?;
            Ok(group)
        })
    }

    fn rename_group(
        &self,
        account: AccountKey,
        id: GroupId,
        name: String,
        now: i64,
        stamp: Option<Stamp>,
    ) -> Reply<'_, Option<StoredGroup>> {
        self.write_signed(stamp, move |db| {
            db.prepare_cached(
                "UPDATE groups SET name = ?3, updated_at = ?4 WHERE entity_id = ?1 AND id = ?2",
            )?
            .execute((account.0, id.as_str(), &name, now))?;
            read(db, account, &id)
        })
    }

    fn delete_group(
        &self,
        account: AccountKey,
        id: GroupId,
        notice: NewPost,
        stamp: Option<Stamp>,
    ) -> Reply<'_, bool> {
        self.write_signed(stamp, move |db| {
            let deleted = db
                .prepare_cached("DELETE FROM groups WHERE entity_id = ?1 AND id = ?2")?
                .execute((account.0, id.as_str()))?;
            if deleted == 0 {
                return Ok(false);
            }
            posts::create(db, account, &notice)?;
            Ok(true)
        })
    }
}

fn read(
    db: &Connection,
    account: AccountKey,
    id: &GroupId,
) -> Result<Option<StoredGroup>, StorageError> {
    let sql = format!("SELECT {COLUMNS} FROM groups WHERE entity_id = ?1 AND id = ?2");
    let mut query = db.prepare_cached(&sql)?;
    let found = query.query_row((account.0, id.as_str()), |row| Ok(StoredGroup::read(row)));
    found.optional()?.transpose()
}
