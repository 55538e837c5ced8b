//! Posts that change: their versions, and how they go.

use tent_proto::PostId;

use super::connection::Db;
use super::{attachments, mentions, posts, queue};
use crate::storage::members;
use crate::storage::row::{self, Row as _};
use crate::storage::{
    AccountKey, Audience, Cursor, NewPost, PostChange, StorageError, StoredPost, VersionPage,
    Visible,
};

/// A version of a post, as far as changes need it.
pub(super) struct Version {
    pub(super) key: i64,
    pub(super) version: u32,
    updated_at: i64,
    members: String,
    views: Option<String>,
}

impl Version {
    fn read(row: &tokio_postgres::Row) -> Result<Self, StorageError> {
        Ok(Self {
            key: row.column("key")?,
            version: row::version(row.column("version")?),
            updated_at: row.column("updated_at")?,
            members: row.column("members")?,
            views: row.column("views")?,
        })
    }

    /// The current version of a post: of this publisher, or of the entity itself.
    pub(super) async fn current(
        db: &Db,
        account: AccountKey,
        publisher: Option<&str>,
        id: &PostId,
    ) -> Result<Option<Self>, StorageError> {
        let row = db.row(
            "SELECT key, version, updated_at, members, views FROM posts
             WHERE entity_id = $1 AND publisher = coalesce($2, (SELECT entity FROM entities WHERE id = $1)) AND id = $3",
            &[&account.0, &publisher, &id.as_str()],
        ).await?;
        row.as_ref().map(Self::read).transpose()
    }
}

/// This version of the post, or else its newest, of those before the current one.
async fn earlier(db: &Db, key: i64, version: Option<u32>) -> Result<Option<Version>, StorageError> {
    let row = db
        .row(
            "SELECT post AS key, version, updated_at, members, views FROM post_versions
         WHERE post = $1 AND version = coalesce($2, version) ORDER BY version DESC LIMIT 1",
            &[&key, &version.map(i64::from)],
        )
        .await?;
    row.as_ref().map(Version::read).transpose()
}

/// Puts a version in the place of the current one.
async fn put(db: &Db, post: &Version) -> Result<(), StorageError> {
    db.execute(
        "UPDATE posts SET version = $2, updated_at = $3, members = $4, views = $5 WHERE key = $1",
        &[
            &post.key,
            &i64::from(post.version),
            &post.updated_at,
            &post.members,
            &post.views,
        ],
    )
    .await?;
    mentions::replace(db, post.key, &members::mentions(&post.members)?).await
}

/// Keeps the current version as an earlier one.
pub(super) async fn keep(db: &Db, post: &Version) -> Result<(), StorageError> {
    db.execute(
        "INSERT INTO post_versions (post, version, updated_at, members, views)
         VALUES ($1, $2, $3, $4, $5)",
        &[
            &post.key,
            &i64::from(post.version),
            &post.updated_at,
            &post.members,
            &post.views,
        ],
    )
    .await?;
    Ok(())
}

async fn remove(db: &Db, key: i64, version: u32) -> Result<bool, StorageError> {
    let sql = "DELETE FROM post_versions WHERE post = $1 AND version = $2";
    Ok(db.execute(sql, &[&key, &i64::from(version)]).await? == 1)
}

pub(super) async fn change(
    db: &Db,
    account: AccountKey,
    id: &PostId,
    change: &PostChange,
    now: i64,
) -> Result<Option<StoredPost>, StorageError> {
    let Some(old) = Version::current(db, account, None, id).await? else {
        return Ok(None);
    };
    keep(db, &old).await?;
    let (key, version) = (old.key, old.version.saturating_add(1));
    let (members, views) = match change {
        PostChange::Replace {
            members,
            views,
            attachments,
        } => {
            match attachments {
                Some(new) => attachments::store(db, key, version, new).await?,
                None => attachments::copy(db, key, old.version, version).await?,
            }
            let members = members::replace(&old.members, members, version)?;
            (members, views.clone().or(old.views))
        }
        PostChange::Revert(to) => {
            // The current version has just become an earlier one, too.
            let Some(to) = earlier(db, key, Some(*to)).await? else {
                remove(db, key, old.version).await?;
                return Ok(None);
            };
            attachments::copy(db, key, to.version, version).await?;
            let members = members::replace(&to.members, &[].into(), version)?;
            (members, to.views)
        }
    };
    let new = Version {
        key,
        version,
        updated_at: now,
        members,
        views,
    };
    put(db, &new).await?;
    queue::queue_again(db, key).await?;
    let sql = format!("SELECT {} FROM posts WHERE key = $1", StoredPost::COLUMNS);
    let row = db.row(&sql, &[&key]).await?;
    row.as_ref().map(StoredPost::read).transpose()
}

/// Removes a version, or the post, of which the notice tells whoever could see it. `false` when there is
/// no such thing.
pub(super) async fn delete(
    db: &Db,
    account: AccountKey,
    id: &PostId,
    version: Option<u32>,
    notice: &NewPost,
) -> Result<bool, StorageError> {
    let Some(newest) = Version::current(db, account, None, id).await? else {
        return Ok(false);
    };
    if let Some(version) = version {
        if version != newest.version {
            attachments::remove(db, newest.key, version).await?;
            return remove(db, newest.key, version).await;
        }
        if let Some(previous) = earlier(db, newest.key, None).await? {
            remove(db, previous.key, previous.version).await?;
            attachments::remove(db, newest.key, version).await?;
            put(db, &previous).await?;
            return Ok(true);
        }
    }
    let sql = "SELECT public, entities, groups FROM posts WHERE key = $1";
    let row = db.row(sql, &[&newest.key]).await?;
    let audience = row.as_ref().map(Audience::read).transpose()?;
    let audience = audience.unwrap_or_default();
    posts::create_notice(db, account, notice, &audience, Some(newest.key)).await?;
    attachments::release(db, "$1", &[&newest.key]).await?;
    db.execute("DELETE FROM posts WHERE key = $1", &[&newest.key])
        .await?;
    Ok(true)
}

pub(super) async fn page(
    db: &Db,
    account: AccountKey,
    post: &Cursor,
    page: &VersionPage,
    visible: &Visible,
) -> Result<Option<Vec<StoredPost>>, StorageError> {
    let Some(key) = posts::key(db, account, post, visible).await? else {
        return Ok(None);
    };
    // The page lies next to a lower bound, or at the newest end.
    let from_below = page.before.is_none() && (page.since.is_some() || page.ascending);
    let direction = if from_below { "ASC" } else { "DESC" };
    let sql = format!(
        "SELECT p.publisher, p.id, p.public, p.received_at, v.updated_at, v.version, v.members,
             p.entities, p.groups, v.views
         FROM posts AS p JOIN (
             SELECT key AS post, version, updated_at, members, views FROM posts WHERE key = $1
             UNION ALL
             SELECT post, version, updated_at, members, views FROM post_versions WHERE post = $1
         ) AS v ON p.key = v.post
         WHERE v.version > $2 AND v.version < $3
         ORDER BY v.version {direction} LIMIT $4"
    );
    let after = i64::from(page.since.max(page.until).unwrap_or(0));
    let before = page.before.map_or(i64::MAX, i64::from);
    let rows = db
        .rows(&sql, &[&key, &after, &before, &i64::from(page.limit)])
        .await?;
    let mut versions: Vec<_> = rows
        .iter()
        .map(StoredPost::read)
        .collect::<Result<_, _>>()?;
    if from_below != page.ascending {
        versions.reverse();
    }
    Ok(Some(versions))
}

pub(super) async fn count(
    db: &Db,
    account: AccountKey,
    post: &Cursor,
    visible: &Visible,
) -> Result<Option<u64>, StorageError> {
    let Some(key) = posts::key(db, account, post, visible).await? else {
        return Ok(None);
    };
    let sql = "SELECT count(*) FROM post_versions WHERE post = $1";
    let earlier: i64 = db.one(sql, &[&key]).await?;
    Ok(Some(earlier.unsigned_abs() + 1))
}
