//! Attachments of posts.

use rusqlite::types::{FromSql, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, named_params};

use super::{Sqlite, posts};
use crate::storage::{
    AccountKey, Attachments, Cursor, Digest, NewAttachment, Reply, StorageError, StoredAttachment,
    Visible,
};

/// How many files a sweep deals with at a time.
const SWEEP: u32 = 500;

impl Attachments for Sqlite {
    fn attachments(
        &self,
        account: AccountKey,
        post: Cursor,
        version: Option<u32>,
        name: String,
        visible: Visible,
    ) -> Reply<'_, Vec<StoredAttachment>> {
        self.read(move |db| {
            let Some(key) = posts::key(db, account, &post, &visible)? else {
                return Ok(Vec::new());
            };
            let mut query = db.prepare_cached(
                "SELECT type, digest FROM attachments WHERE post = :post AND name = :name
                 AND version = coalesce(:version, (SELECT version FROM posts WHERE key = :post))
                 ORDER BY position",
            )?;
            let values = named_params! { ":post": key, ":name": name, ":version": version };
            let found = query.query_map(values, |row| {
                Ok(StoredAttachment {
                    media_type: row.get(0)?,
                    digest: row.get(1)?,
                })
            })?;
            Ok(found.collect::<Result<_, _>>()?)
        })
    }

    fn take_released(&self) -> Reply<'_, Vec<Digest>> {
        self.write(|db| {
            let mut query = db.prepare_cached(
                "DELETE FROM released_files WHERE digest IN
                     (SELECT digest FROM released_files LIMIT ?1)
                 RETURNING digest",
            )?;
            let taken = query.query_map([SWEEP], |row| row.get(0))?;
            Ok(taken.collect::<Result<_, _>>()?)
        })
    }

    fn unreferenced(&self, files: Vec<Digest>) -> Reply<'_, Vec<Digest>> {
        self.read(move |db| {
            let mut query =
                db.prepare_cached("SELECT EXISTS (SELECT 1 FROM attachments WHERE digest = ?1)")?;
            let mut gone = Vec::new();
            for file in files {
                let is_referenced: bool = query.query_row([file], |row| row.get(0))?;
                if !is_referenced {
                    gone.push(file);
                }
            }
            Ok(gone)
        })
    }
}

/// Gives a version of a post its attachments.
pub(super) fn store(
    db: &Connection,
    post: i64,
    version: u32,
    attachments: &[NewAttachment],
) -> Result<(), StorageError> {
    let mut insert = db.prepare_cached(
        "INSERT INTO attachments (post, version, position, name, type, digest)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    for (position, attachment) in attachments.iter().enumerate() {
        let described = &attachment.described;
        insert.execute((
            post,
            version,
            position as i64,
            &described.name,
            &described.media_type,
            attachment.file.digest(),
        ))?;
    }
    Ok(())
}

/// Gives a version of a post the attachments of another.
pub(super) fn copy(db: &Connection, post: i64, from: u32, to: u32) -> Result<(), StorageError> {
    db.prepare_cached(
        "INSERT INTO attachments (post, version, position, name, type, digest)
         SELECT post, ?3, position, name, type, digest FROM attachments
         WHERE post = ?1 AND version = ?2",
    )?
    .execute((post, from, to))?;
    Ok(())
}

/// Takes its attachments from a version of a post.
pub(super) fn remove(db: &Connection, post: i64, version: u32) -> Result<(), StorageError> {
    db.prepare_cached("DELETE FROM attachments WHERE post = ?1 AND version = ?2")?
        .execute((post, version))?;
    Ok(())
}

impl ToSql for Digest {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        self.0.to_sql()
    }
}

impl FromSql for Digest {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        FromSql::column_result(value).map(Self)
    }
}
