//! Single posts.

mod create;

use tent_proto::{Entity, PostId};

pub(super) use self::create::{create, create_all, create_notice};
use super::connection::{Db, borrowed};
use super::line::Lines;
use super::{Postgres, feed, foreign, mentions, versions};
use crate::post::Seen;
use crate::storage::condition::Condition;
use crate::storage::row::Row as _;
use crate::storage::{
    AccountKey, Cursor, Feed, MentionPage, MentioningPost, NewPost, Page, PostChange, Posts, Reply,
    Stamp, StorageError, StoredPost, VersionPage, Visible,
};

impl Posts for Postgres {
    fn create_post(
        &self,
        account: AccountKey,
        post: NewPost,
        stamp: Option<Stamp>,
    ) -> Reply<'_, StoredPost> {
        Lines::post(&self.0, account, stamp, post)
    }

    fn receive_post(
        &self,
        account: AccountKey,
        post: NewPost,
        deletes: Option<PostId>,
        stamp: Option<Stamp>,
    ) -> Reply<'_, Option<StoredPost>> {
        let with = (account, post, deletes);
        self.write_signed(account, stamp, with, |db, (account, post, deletes)| {
            Box::pin(foreign::receive(db, *account, post, deletes.as_ref()))
        })
    }

    fn post(
        &self,
        account: AccountKey,
        publisher: Entity,
        id: PostId,
        visible: Visible,
    ) -> Reply<'_, Option<StoredPost>> {
        let with = (account, publisher, id, visible);
        self.read(with, |db, (account, publisher, id, visible)| {
            Box::pin(read(db, *account, publisher, id, visible))
        })
    }

    fn posts(&self, account: AccountKey, feed: Feed) -> Reply<'_, Vec<StoredPost>> {
        self.read((account, feed), |db, (account, feed)| {
            Box::pin(feed::posts(db, *account, feed))
        })
    }

    fn page(&self, account: AccountKey, feed: Feed, seen: Seen) -> Reply<'_, Page> {
        self.read((account, feed, seen), |db, (account, feed, seen)| {
            Box::pin(feed::page(db, *account, feed, seen))
        })
    }

    fn publisher(&self, account: AccountKey, id: PostId) -> Reply<'_, Option<Entity>> {
        self.read((account, id), |db, (account, id)| {
            Box::pin(publisher(db, *account, id))
        })
    }

    fn count_posts(&self, account: AccountKey, feed: Feed) -> Reply<'_, u64> {
        self.read((account, feed), |db, (account, feed)| {
            Box::pin(feed::count(db, *account, feed))
        })
    }

    fn post_type(&self, account: AccountKey, id: PostId) -> Reply<'_, Option<String>> {
        self.read((account, id), |db, (account, id)| {
            Box::pin(async move {
                let sql = "SELECT type_base FROM posts
                     WHERE entity_id = $1 AND publisher = (SELECT entity FROM entities WHERE id = $1) AND id = $2";
                let row = db.row(sql, &[&account.0, &id.as_str()]).await?;
                row.map(|row| row.at(0)).transpose()
            })
        })
    }

    fn change_post(
        &self,
        account: AccountKey,
        id: PostId,
        change: PostChange,
        now: i64,
        stamp: Option<Stamp>,
    ) -> Reply<'_, Option<StoredPost>> {
        let with = (account, id, change, now);
        self.write_signed(account, stamp, with, |db, (account, id, change, now)| {
            Box::pin(versions::change(db, *account, id, change, *now))
        })
    }

    fn delete_post(
        &self,
        account: AccountKey,
        id: PostId,
        version: Option<u32>,
        notice: NewPost,
        stamp: Option<Stamp>,
    ) -> Reply<'_, bool> {
        let with = (account, id, version, notice);
        self.write_signed(
            account,
            stamp,
            with,
            |db, (account, id, version, notice)| {
                Box::pin(versions::delete(db, *account, id, *version, notice))
            },
        )
    }

    fn post_versions(
        &self,
        account: AccountKey,
        post: Cursor,
        page: VersionPage,
        visible: Visible,
    ) -> Reply<'_, Option<Vec<StoredPost>>> {
        let with = (account, post, page, visible);
        self.read(with, |db, (account, post, page, visible)| {
            Box::pin(versions::page(db, *account, post, page, visible))
        })
    }

    fn count_versions(
        &self,
        account: AccountKey,
        post: Cursor,
        visible: Visible,
    ) -> Reply<'_, Option<u64>> {
        self.read((account, post, visible), |db, (account, post, visible)| {
            Box::pin(versions::count(db, *account, post, visible))
        })
    }

    fn post_mentions(
        &self,
        account: AccountKey,
        post: Cursor,
        page: MentionPage,
        visible: Visible,
    ) -> Reply<'_, Option<Vec<MentioningPost>>> {
        let with = (account, post, page, visible);
        self.read(with, |db, (account, post, page, visible)| {
            Box::pin(mentions::page(db, *account, post, page, visible))
        })
    }

    fn count_mentions(
        &self,
        account: AccountKey,
        post: Cursor,
        type_bases: Vec<String>,
        visible: Visible,
    ) -> Reply<'_, Option<u64>> {
        let with = (account, post, type_bases, visible);
        self.read(with, |db, (account, post, type_bases, visible)| {
            Box::pin(mentions::count(db, *account, post, type_bases, visible))
        })
    }
}

pub(super) async fn read(
    db: &Db,
    account: AccountKey,
    publisher: &Entity,
    id: &PostId,
    visible: &Visible,
) -> Result<Option<StoredPost>, StorageError> {
    let mut condition = Condition::post(account, publisher, id);
    condition.visible(visible);
    let (columns, condition_sql) = (StoredPost::COLUMNS, condition.sql());
    let sql = format!("SELECT {columns} FROM posts WHERE {condition_sql}");
    let row = db.row(&sql, &borrowed(&condition.values())).await?;
    row.as_ref().map(StoredPost::read).transpose()
}

/// The row of a post that is seen.
pub(super) async fn key(
    db: &Db,
    account: AccountKey,
    post: &Cursor,
    visible: &Visible,
) -> Result<Option<i64>, StorageError> {
    let mut condition = Condition::post(account, &post.publisher, &post.id);
    condition.visible(visible);
    let sql = format!("SELECT key FROM posts WHERE {}", condition.sql());
    let row = db.row(&sql, &borrowed(&condition.values())).await?;
    row.map(|row| row.at(0)).transpose()
}

pub(super) async fn count(db: &Db, condition: Condition) -> Result<u64, StorageError> {
    let sql = format!("SELECT count(*) FROM posts WHERE {}", condition.sql());
    let count: i64 = db.one(&sql, &borrowed(&condition.values())).await?;
    Ok(count.unsigned_abs())
}

/// Goes from publisher to publisher, so that no index by id alone is needed.
async fn publisher(
    db: &Db,
    account: AccountKey,
    id: &PostId,
) -> Result<Option<Entity>, StorageError> {
    let row = db.row(
        "WITH RECURSIVE publishers (name) AS (
             (SELECT publisher FROM posts WHERE entity_id = $1 ORDER BY publisher LIMIT 1)
             UNION ALL
             SELECT (SELECT publisher FROM posts WHERE entity_id = $1 AND publisher > name ORDER BY publisher LIMIT 1)
             FROM publishers WHERE name IS NOT NULL)
         SELECT publisher FROM publishers
             JOIN posts ON entity_id = $1 AND publisher = name AND id = $2
         ORDER BY own DESC LIMIT 1",
        &[&account.0, &id.as_str()],
    ).await?;
    let found: Option<String> = row.map(|row| row.at(0)).transpose()?;
    Ok(found.and_then(|entity| entity.parse().ok()))
}
