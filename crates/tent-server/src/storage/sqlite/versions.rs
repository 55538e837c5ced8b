//! Posts that change: their versions, and how they go.

use rusqlite::{Connection, OptionalExtension, Row, named_params};
use tent_proto::PostId;

use super::{attachments, deliveries, mentions, posts};
use crate::storage::members;
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
    pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            key: row.get("key")?,
            version: row.get("version")?,
            updated_at: row.get("updated_at")?,
            members: row.get("members")?,
            views: row.get("views")?,
        })
    }
}

fn current(
    db: &Connection,
    account: AccountKey,
    id: &PostId,
) -> Result<Option<Version>, StorageError> {
    let mut query = db.prepare_cached(
        "SELECT key, version, updated_at, members, views FROM posts
         WHERE entity_id = ?1 AND id = ?2 AND own",
    )?;
    let found = query.query_row((account.0, id.as_str()), Version::read);
    Ok(found.optional()?)
}

/// This version of the post, or else its newest, of those before the current one.
fn earlier(
    db: &Connection,
    key: i64,
    version: Option<u32>,
) -> Result<Option<Version>, StorageError> {
    let mut query = db.prepare_cached(
        "SELECT post AS key, version, updated_at, members, views FROM post_versions
         WHERE post = ?1 AND version = coalesce(?2, version) ORDER BY version DESC LIMIT 1",
    )?;
    let found = query.query_row((key, version), Version::read);
    Ok(found.optional()?)
}

/// Puts a version in the place of the current one.
fn put(db: &Connection, post: &Version) -> Result<(), StorageError> {
    db.prepare_cached(
        "UPDATE posts SET version = ?2, updated_at = ?3, members = ?4, views = ?5 WHERE key = ?1",
    )?
    .execute((
        post.key,
        post.version,
        post.updated_at,
        &post.members,
        &post.views,
    ))?;
    mentions::replace(db, post.key, &members::mentions(&post.members)?)
}

/// Keeps the current version as an earlier one.
pub(super) fn keep(db: &Connection, post: &Version) -> Result<(), StorageError> {
    db.prepare_cached(
        "INSERT INTO post_versions (post, version, updated_at, members, views)
         VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute((
        post.key,
        post.version,
        post.updated_at,
        &post.members,
        &post.views,
    ))?;
    Ok(())
}

fn remove(db: &Connection, key: i64, version: u32) -> Result<bool, StorageError> {
    let mut query =
        db.prepare_cached("DELETE FROM post_versions WHERE post = ?1 AND version = ?2")?;
    Ok(query.execute((key, version))? == 1)
}

pub(super) fn change(
    db: &Connection,
    account: AccountKey,
    id: &PostId,
    change: &PostChange,
    now: i64,
) -> Result<Option<StoredPost>, StorageError> {
    let Some(old) = current(db, account, id)? else {
        return Ok(None);
    };
    keep(db, &old)?;
    let version = old.version.saturating_add(1);
    let (members, views) = match change {
        PostChange::Replace {
            members,
            views,
            attachments,
        } => {
            match attachments {
                Some(new) => attachments::store(db, old.key, version, new)?,
                None => attachments::copy(db, old.key, old.version, version)?,
            }
            let members = members::replace(&old.members, members, version)?;
            (members, views.clone().or(old.views))
        }
        PostChange::Revert(to) => {
            // The current version has just become an earlier one, too.
            let Some(to) = earlier(db, old.key, Some(*to))? else {
                remove(db, old.key, old.version)?;
                return Ok(None);
            };
            attachments::copy(db, old.key, to.version, version)?;
            (
                members::replace(&to.members, &[].into(), version)?,
                to.views,
            )
        }
    };
    put(
        db,
        &Version {
            key: old.key,
            version,
            updated_at: now,
            members,
            views,
        },
    )?;
    deliveries::queue_again(db, old.key)?;
    let sql = format!("SELECT {} FROM posts WHERE key = ?1", StoredPost::COLUMNS);
    let mut query = db.prepare_cached(&sql)?;
    query
        .query_row([old.key], |row| Ok(StoredPost::read(row)))?
        .map(Some)
}

/// Removes a version, or the post, of which the notice tells whoever could see it. `false` when there is
/// no such thing.
pub(super) fn delete(
    db: &Connection,
    account: AccountKey,
    id: &PostId,
    version: Option<u32>,
    notice: NewPost,
) -> Result<bool, StorageError> {
    let Some(newest) = current(db, account, id)? else {
        return Ok(false);
    };
    if let Some(version) = version {
        if version != newest.version {
            attachments::remove(db, newest.key, version)?;
            return remove(db, newest.key, version);
        }
        if let Some(previous) = earlier(db, newest.key, None)? {
            remove(db, previous.key, previous.version)?;
            attachments::remove(db, newest.key, version)?;
            put(db, &previous)?;
            return Ok(true);
        }
    }
    let mut query =
        db.prepare_cached("SELECT public, entities, groups FROM posts WHERE key = ?1")?;
    let audience = query.query_row([newest.key], |row| Ok(Audience::read(row)))??;
    let notice = NewPost { audience, ..notice };
    posts::create_notice(db, account, &notice, Some(newest.key))?;
    db.prepare_cached("DELETE FROM posts WHERE key = ?1")?
        .execute([newest.key])?;
    Ok(true)
}

pub(super) fn page(
    db: &Connection,
    account: AccountKey,
    post: &Cursor,
    page: &VersionPage,
    visible: &Visible,
) -> Result<Option<Vec<StoredPost>>, StorageError> {
    let Some(key) = posts::key(db, account, post, visible)? else {
        return Ok(None);
    };
    // The page lies next to a lower bound, or at the newest end.
    let from_below = page.before.is_none() && (page.since.is_some() || page.ascending);
    let direction = if from_below { "ASC" } else { "DESC" };
    let mut query = db.prepare_cached(&format!(
        "SELECT p.publisher, p.id, p.public, p.received_at, v.updated_at, v.version, v.members,
             p.entities, p.groups, v.views
         FROM posts AS p JOIN (
             SELECT key AS post, version, updated_at, members, views FROM posts WHERE key = :post
             UNION ALL
             SELECT post, version, updated_at, members, views FROM post_versions WHERE post = :post
         ) AS v ON p.key = v.post
         WHERE v.version > :after AND v.version < :before
         ORDER BY v.version {direction} LIMIT :limit"
    ))?;
    let after = page.since.max(page.until).unwrap_or(0);
    let before = page.before.map_or(i64::MAX, i64::from);
    let mut rows = query.query(named_params! {
        ":post": key, ":after": after, ":before": before, ":limit": page.limit,
    })?;
    let mut versions = Vec::new();
    while let Some(row) = rows.next()? {
        versions.push(StoredPost::read(row)?);
    }
    if from_below != page.ascending {
        versions.reverse();
    }
    Ok(Some(versions))
}

pub(super) fn count(
    db: &Connection,
    account: AccountKey,
    post: &Cursor,
    visible: &Visible,
) -> Result<Option<u64>, StorageError> {
    let Some(key) = posts::key(db, account, post, visible)? else {
        return Ok(None);
    };
    let mut query = db.prepare_cached("SELECT count(*) FROM post_versions WHERE post = ?1")?;
    let earlier: i64 = query.query_row([key], |row| row.get(0))?;
    Ok(Some(earlier.unsigned_abs() + 1))
}
