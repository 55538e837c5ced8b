//! Single posts.

use tent_proto::{Entity, PostId};

use super::connection::{Db, borrowed, json};
use super::text::escaped;
use super::{Postgres, attachments, feed, foreign, mentions, queue, versions};
use crate::storage::condition::{Condition, group_as_reader};
use crate::storage::row::Row as _;
use crate::storage::{
    AccountKey, Audience, Cursor, DatabaseError, Feed, MentionPage, MentioningPost, NewPost,
    PostChange, Posts, Reply, Stamp, StorageError, StoredPost, VersionPage, Visible,
};

impl Posts for Postgres {
    fn create_post(
        &self,
        account: AccountKey,
        post: NewPost,
        stamp: Option<Stamp>,
    ) -> Reply<'_, StoredPost> {
        self.write_signed(account, stamp, (account, post), |db, (account, post)| {
            Box::pin(create(db, *account, post))
        })
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
            Box::pin(feed::page(db, *account, feed))
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

    fn post_version(
        &self,
        account: AccountKey,
        post: Cursor,
        version: u32,
        visible: Visible,
    ) -> Reply<'_, Option<StoredPost>> {
        let page = VersionPage {
            since: Some(version.saturating_sub(1)),
            limit: 1,
            ..VersionPage::default()
        };
        let found = self.post_versions(account, post, page, visible);
        Box::pin(async move {
            let found = found.await?.and_then(|mut versions| versions.pop());
            Ok(found.filter(|found| found.version == version))
        })
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

/// Stores a post and queues it for whoever is to get it.
pub(super) async fn create(
    db: &Db,
    account: AccountKey,
    post: &NewPost,
) -> Result<StoredPost, StorageError> {
    create_notice(db, account, post, &post.audience, None).await
}

/// Stores a post for this audience, which may be the notice that `another` is gone.
pub(super) async fn create_notice(
    db: &Db,
    account: AccountKey,
    post: &NewPost,
    audience: &Audience,
    another: Option<i64>,
) -> Result<StoredPost, StorageError> {
    let Some((key, stored)) = insert(db, account, post, audience).await? else {
        let found = read(db, account, &post.publisher, &post.id, &Visible::All).await?;
        return Ok(found.ok_or(DatabaseError::Missing)?);
    };
    mentions::store(db, key, &post.mentions).await?;
    attachments::store(db, key, post.version, &post.attachments).await?;
    store_readers(db, key, audience).await?;
    // What was got elsewhere before is history, of which nobody is told.
    if post.received_at == post.updated_at {
        queue::queue(db, key, another).await?;
    }
    Ok(stored)
}

/// The row of a new post, and the post; `None` when it is there already.
async fn insert(
    db: &Db,
    account: AccountKey,
    post: &NewPost,
    audience: &Audience,
) -> Result<Option<(i64, StoredPost)>, StorageError> {
    let sql = format!(
        "INSERT INTO posts (entity_id, publisher, id, own, public, type_base, type, published_at, received_at, updated_at,
             version, members, entities, groups, views)
         VALUES ($1, $2, $3, $2 = (SELECT entity FROM entities WHERE id = $1), $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
         ON CONFLICT DO NOTHING
         RETURNING {}, key",
        StoredPost::COLUMNS
    );
    let row = db
        .row(
            &sql,
            &[
                &account.0,
                &post.publisher.as_str(),
                &post.id.as_str(),
                &audience.public,
                &post.post_type.base(),
                &post.post_type.as_str(),
                &post.published_at,
                &post.received_at,
                &post.updated_at,
                &i64::from(post.version),
                &post.members,
                &json(&audience.entities)?,
                &json(&audience.groups)?,
                &post.views,
            ],
        )
        .await?;
    row.map(|row| Ok((row.column("key")?, StoredPost::read(&row)?)))
        .transpose()
}

async fn store_readers(db: &Db, post: i64, audience: &Audience) -> Result<(), StorageError> {
    let entities = audience.entities.keys().map(|entity| entity.to_string());
    let groups = audience.groups.iter().map(group_as_reader);
    let readers = entities.chain(groups);
    let readers: Vec<_> = readers
        .map(|reader| escaped(&reader).into_owned())
        .collect();
    if !readers.is_empty() {
        let sql = "INSERT INTO readers (post, reader) SELECT $1, unnest($2::TEXT[])";
        db.execute(sql, &[&post, &readers]).await?;
    }
    Ok(())
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
