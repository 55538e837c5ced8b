//! Single posts.

mod create;

use rusqlite::{Connection, OptionalExtension};
use tent_proto::{Entity, PostId};

pub(super) use self::create::{create, create_notice};
use super::{Sqlite, feed, foreign, mentions, versions};
use crate::post::Seen;
use crate::storage::condition::Condition;
use crate::storage::{
    AccountKey, Cursor, Feed, MentionPage, MentioningPost, NewPost, Page, PostChange, Posts, Reply,
    Stamp, StorageError, StoredPost, VersionPage, Visible,
};

impl Posts for Sqlite {
    fn create_post(
        &self,
        account: AccountKey,
        post: NewPost,
        stamp: Option<Stamp>,
    ) -> Reply<'_, StoredPost> {
        // The post comes back, too: it holds its files until all of it is durable.
        let stored = self.write_signed(stamp, move |db| Ok((create(db, account, &post)?, post)));
        Box::pin(async move { stored.await.map(|(stored, _)| stored) })
    }

    fn receive_post(
        &self,
        account: AccountKey,
        post: NewPost,
        deletes: Option<PostId>,
        stamp: Option<Stamp>,
    ) -> Reply<'_, Option<StoredPost>> {
        self.write_signed(stamp, move |db| {
            foreign::receive(db, account, &post, deletes.as_ref())
        })
    }

    fn post(
        &self,
        account: AccountKey,
        publisher: Entity,
        id: PostId,
        visible: Visible,
    ) -> Reply<'_, Option<StoredPost>> {
        self.read(move |db| read(db, account, &publisher, &id, &visible))
    }

    fn posts(&self, account: AccountKey, feed: Feed) -> Reply<'_, Vec<StoredPost>> {
        self.read(move |db| feed::posts(db, account, &feed))
    }

    fn page(&self, account: AccountKey, feed: Feed, seen: Seen) -> Reply<'_, Page> {
        self.read(move |db| feed::page(db, account, &feed, &seen))
    }

    fn publisher(&self, account: AccountKey, id: PostId) -> Reply<'_, Option<Entity>> {
        self.read(move |db| publisher(db, account, &id))
    }

    fn count_posts(&self, account: AccountKey, feed: Feed) -> Reply<'_, u64> {
        self.read(move |db| feed::count(db, account, &feed))
    }

    fn post_type(&self, account: AccountKey, id: PostId) -> Reply<'_, Option<String>> {
        self.read(move |db| {
            let mut query = db.prepare_cached(
                "SELECT type_base FROM posts WHERE entity_id = ?1 AND id = ?2 AND own",
            )?;
            let found = query.query_row((account.0, id.as_str()), |row| row.get(0));
            Ok(found.optional()?)
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
        let stored = self.write_signed(stamp, move |db| {
            Ok((versions::change(db, account, &id, &change, now)?, change))
        });
        Box::pin(async move { stored.await.map(|(stored, _)| stored) })
    }

    fn delete_post(
        &self,
        account: AccountKey,
        id: PostId,
        version: Option<u32>,
        notice: NewPost,
        stamp: Option<Stamp>,
    ) -> Reply<'_, bool> {
        self.write_signed(stamp, move |db| {
            versions::delete(db, account, &id, version, notice)
        })
    }

    fn post_versions(
        &self,
        account: AccountKey,
        post: Cursor,
        page: VersionPage,
        visible: Visible,
    ) -> Reply<'_, Option<Vec<StoredPost>>> {
        self.read(move |db| versions::page(db, account, &post, &page, &visible))
    }

    fn count_versions(
        &self,
        account: AccountKey,
        post: Cursor,
        visible: Visible,
    ) -> Reply<'_, Option<u64>> {
        self.read(move |db| versions::count(db, account, &post, &visible))
    }

    fn post_mentions(
        &self,
        account: AccountKey,
        post: Cursor,
        page: MentionPage,
        visible: Visible,
    ) -> Reply<'_, Option<Vec<MentioningPost>>> {
        self.read(move |db| mentions::page(db, account, &post, &page, &visible))
    }

    fn count_mentions(
        &self,
        account: AccountKey,
        post: Cursor,
        type_bases: Vec<String>,
        visible: Visible,
    ) -> Reply<'_, Option<u64>> {
        self.read(move |db| mentions::count(db, account, &post, &type_bases, &visible))
    }
}

pub(super) fn read(
    db: &Connection,
    account: AccountKey,
    publisher: &Entity,
    id: &PostId,
    visible: &Visible,
) -> Result<Option<StoredPost>, StorageError> {
    let mut condition = Condition::post(account, publisher, id);
    condition.visible(visible);
    let mut query = db.prepare_cached(&format!(
        "SELECT {} FROM posts WHERE {}",
        StoredPost::COLUMNS,
        condition.sql()
    ))?;
    let row = query.query_row(condition.params(), |row| Ok(StoredPost::read(row)));
    row.optional()?.transpose()
}

/// The row of a post that is seen.
pub(super) fn key(
    db: &Connection,
    account: AccountKey,
    post: &Cursor,
    visible: &Visible,
) -> Result<Option<i64>, StorageError> {
    let mut condition = Condition::post(account, &post.publisher, &post.id);
    condition.visible(visible);
    let sql = format!("SELECT key FROM posts WHERE {}", condition.sql());
    let mut query = db.prepare_cached(&sql)?;
    let key = query.query_row(condition.params(), |row| row.get(0));
    Ok(key.optional()?)
}

/// Goes from publisher to publisher, so that no index by id alone is needed.
fn publisher(
    db: &Connection,
    account: AccountKey,
    id: &PostId,
) -> Result<Option<Entity>, StorageError> {
    let mut query = db.prepare_cached(
        "WITH RECURSIVE publishers (name) AS (
             SELECT min(publisher) FROM posts WHERE entity_id = ?1
             UNION ALL
             SELECT (SELECT min(publisher) FROM posts WHERE entity_id = ?1 AND publisher > name)
             FROM publishers WHERE name IS NOT NULL)
         SELECT publisher FROM publishers
             JOIN posts ON entity_id = ?1 AND publisher = name AND id = ?2
         ORDER BY own DESC LIMIT 1",
    )?;
    let found = query.query_row((account.0, id.as_str()), |row| row.get::<_, String>(0));
    Ok(found.optional()?.and_then(|entity| entity.parse().ok()))
}
