//! Groups.

use tent_proto::GroupId;

use super::connection::Db;
use super::{Postgres, ids, posts};
use crate::storage::condition::Condition;
use crate::storage::{
    AccountKey, Groups, IdPage, NewPost, Reply, Stamp, StorageError, StoredGroup,
};

const COLUMNS: &str = "id, name, created_at, updated_at";

impl Groups for Postgres {
    fn groups(&self, account: AccountKey, page: IdPage) -> Reply<'_, Vec<StoredGroup>> {
        self.read((account, page), |db, (account, page)| {
            let table = ("groups", COLUMNS);
            let all = Condition::new(*account);
            Box::pin(ids::page(db, table, *account, all, page, StoredGroup::read))
        })
    }

    fn count_groups(&self, account: AccountKey) -> Reply<'_, u64> {
        self.read(account, |db, account| {
            Box::pin(ids::count(db, "groups", Condition::new(*account)))
        })
    }

    fn group(&self, account: AccountKey, id: GroupId) -> Reply<'_, Option<StoredGroup>> {
        self.read((account, id), |db, (account, id)| {
            Box::pin(read(db, *account, id))
        })
    }

    fn create_group(
        &self,
        account: AccountKey,
        group: StoredGroup,
        notice: NewPost,
        stamp: Option<Stamp>,
    ) -> Reply<'_, StoredGroup> {
        let with = (account, group, notice);
        self.write_signed(account, stamp, with, |db, (account, group, notice)| {
            Box::pin(create(db, *account, group, notice))
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
        let with = (account, id, name, now);
        self.write_signed(account, stamp, with, |db, (account, id, name, now)| {
            Box::pin(async move {
                let sql = format!(
                    "UPDATE groups SET name = $3, updated_at = $4 WHERE entity_id = $1 AND id = $2
                     RETURNING {COLUMNS}"
                );
                let row = db.row(&sql, &[&account.0, &id.as_str(), name, now]).await?;
                row.as_ref().map(StoredGroup::read).transpose()
            })
        })
    }

    fn delete_group(
        &self,
        account: AccountKey,
        id: GroupId,
        notice: NewPost,
        stamp: Option<Stamp>,
    ) -> Reply<'_, bool> {
        let with = (account, id, notice);
        self.write_signed(account, stamp, with, |db, (account, id, notice)| {
            Box::pin(async move {
                let sql = "DELETE FROM groups WHERE entity_id = $1 AND id = $2";
                if db.execute(sql, &[&account.0, &id.as_str()]).await? == 0 {
                    return Ok(false);
                }
                posts::create(db, *account, notice).await?;
                Ok(true)
            })
        })
    }
}

async fn create(
    db: &Db,
    account: AccountKey,
    group: &StoredGroup,
    notice: &NewPost,
) -> Result<StoredGroup, StorageError> {
    if let Some(found) = read(db, account, &group.id).await? {
        return Ok(found);
    }
    db.execute(
        "INSERT INTO groups (entity_id, id, name, created_at, updated_at) VALUES ($1, $2, $3, $4, $5)",
        &[
            &account.0,
            &group.id.as_str(),
            &group.name,
            &group.created_at,
            &group.updated_at,
        ],
    )
    .await?;
    posts::create(db, account, notice).await?;
    Ok(group.clone())
}

async fn read(
    db: &Db,
    account: AccountKey,
    id: &GroupId,
) -> Result<Option<StoredGroup>, StorageError> {
    let sql = format!("SELECT {COLUMNS} FROM groups WHERE entity_id = $1 AND id = $2");
    let row = db.row(&sql, &[&account.0, &id.as_str()]).await?;
    row.as_ref().map(StoredGroup::read).transpose()
}
