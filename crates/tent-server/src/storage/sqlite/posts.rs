//! Single posts.

use rusqlite::{Connection, OptionalExtension, Row};
use tent_proto::{Entity, PostId};

use super::accounts::stored_entity;
use super::condition::Condition;
use super::{Sqlite, feed};
use crate::storage::{
    AccountKey, Feed, NewPost, Posts, Reply, Stamp, StorageError, StoredPost, Visible,
};

/// What [`stored`] reads.
pub(super) const COLUMNS: &str =
    "publisher, id, public, received_at, updated_at, version, members, entities";

impl Posts for Sqlite {
    fn create_post(
        &self,
        account: AccountKey,
        post: NewPost,
        stamp: Option<Stamp>,
    ) -> Reply<'_, StoredPost> {
        self.write_signed(stamp, move |db| create(db, account, &post))
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
        self.read(move |db| feed::page(db, account, &feed))
    }

    fn count_posts(&self, account: AccountKey, feed: Feed) -> Reply<'_, u64> {
        self.read(move |db| feed::count(db, account, &feed))
    }
}

fn create(
    db: &Connection,
    account: AccountKey,
    post: &NewPost,
) -> Result<StoredPost, StorageError> {
    let stored = db
        .prepare_cached(
            "INSERT INTO posts (entity_id, publisher, id, own, public, type_base, published_at, received_at, updated_at,
                 version, members, entities, views)
             VALUES (?1, ?2, ?3, ?2 = (SELECT entity FROM entities WHERE id = ?1), ?4, ?5, ?6, ?7, ?8, 1, ?9, ?10, ?11)
             ON CONFLICT DO NOTHING",
        )?
        .execute((
            account.0,
            post.publisher.as_str(),
            post.id.as_str(),
            post.public,
            post.post_type.base(),
            post.published_at,
            post.received_at,
            post.updated_at,
            &post.members,
            &post.entities,
            &post.views,
        ))?;
    if stored == 1 {
        let key = db.last_insert_rowid();
        let mut mention = db.prepare_cached(
            "INSERT OR IGNORE INTO mentions (post, entity, mentioned) VALUES (?1, ?2, ?3)",
        )?;
        for mentioned in &post.mentions {
            let Some(entity) = &mentioned.entity else {
                continue;
            };
            mention.execute((
                key,
                entity.as_str(),
                mentioned.post.as_ref().map_or("", PostId::as_str),
            ))?;
        }
    }
    let found = read(db, account, &post.publisher, &post.id, &Visible::All)?;
    found.ok_or_else(|| rusqlite::Error::QueryReturnedNoRows.into())
}

fn read(
    db: &Connection,
    account: AccountKey,
    publisher: &Entity,
    id: &PostId,
    visible: &Visible,
) -> Result<Option<StoredPost>, StorageError> {
    let mut condition = Condition::post(account, publisher, id);
    condition.visible(visible);
    let mut query = db.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM posts WHERE {}",
        condition.sql()
    ))?;
    let row = query.query_row(condition.values(), |row| Ok(stored(row)));
    row.optional()?.transpose()
}

pub(super) fn stored(row: &Row<'_>) -> Result<StoredPost, StorageError> {
    Ok(StoredPost {
        publisher: stored_entity(row.get(0)?)?,
        id: row.get::<_, String>(1)?.into(),
        public: row.get(2)?,
        received_at: row.get(3)?,
        updated_at: row.get(4)?,
        version: row.get(5)?,
        members: row.get(6)?,
        entities: row.get(7)?,
    })
}
