//! Attachments of posts.

use super::connection::{Db, Values};
use super::{Postgres, posts};
use crate::storage::row::Row as _;
use crate::storage::{
    AccountKey, Attachments, Cursor, Digest, NewAttachment, Reply, StorageError, StoredAttachment,
    Visible,
};

/// How many files a sweep deals with at a time.
const SWEEP: i64 = 500;

impl Attachments for Postgres {
    fn attachments(
        &self,
        account: AccountKey,
        post: Cursor,
        version: Option<u32>,
        name: String,
        visible: Visible,
    ) -> Reply<'_, Vec<StoredAttachment>> {
        let with = (account, post, version, name, visible);
        self.read(with, |db, (account, post, version, name, visible)| {
            Box::pin(async move {
                let Some(key) = posts::key(db, *account, post, visible).await? else {
                    return Ok(Vec::new());
                };
                let rows = db
                    .rows(
                        "SELECT type, digest FROM attachments WHERE post = $1 AND name = $2
                     AND version = coalesce($3, (SELECT version FROM posts WHERE key = $1))
                     ORDER BY position",
                        &[&key, name, &version.map(i64::from)],
                    )
                    .await?;
                rows.iter()
                    .map(|row| {
                        Ok(StoredAttachment {
                            media_type: row.at(0)?,
                            digest: digest(row.try_get(1)?),
                        })
                    })
                    .collect()
            })
        })
    }

    fn take_released(&self) -> Reply<'_, Vec<Digest>> {
        self.write((), |db, ()| {
            Box::pin(async move {
                let rows = db
                    .rows(
                        "DELETE FROM released_files WHERE digest IN
                         (SELECT digest FROM released_files LIMIT $1 FOR UPDATE SKIP LOCKED)
                     RETURNING digest",
                        &[&SWEEP],
                    )
                    .await?;
                rows.iter().map(|row| Ok(digest(row.try_get(0)?))).collect()
            })
        })
    }

    fn unreferenced(&self, files: Vec<Digest>) -> Reply<'_, Vec<Digest>> {
        self.read(files, |db, files| {
            Box::pin(async move {
                let all: Vec<&[u8]> = files.iter().map(|file| file.0.as_slice()).collect();
                let rows = db.rows(
                    "SELECT digest FROM unnest($1::BYTEA[]) AS file (digest)
                     WHERE NOT EXISTS (SELECT 1 FROM attachments AS a WHERE a.digest = file.digest)",
                    &[&all],
                ).await?;
                rows.iter().map(|row| Ok(digest(row.try_get(0)?))).collect()
            })
        })
    }
}

fn digest(stored: &[u8]) -> Digest {
    Digest(stored.try_into().unwrap_or_default()) // SHA-256 has that length
}

/// Gives a version of a post its attachments.
pub(super) async fn store(
    db: &Db,
    post: i64,
    version: u32,
    attachments: &[NewAttachment],
) -> Result<(), StorageError> {
    for (position, attachment) in attachments.iter().enumerate() {
        let described = &attachment.described;
        db.execute(
            "INSERT INTO attachments (post, version, position, name, type, digest)
             VALUES ($1, $2, $3, $4, $5, $6)",
            &[
                &post,
                &i64::from(version),
                &(position as i64),
                &described.name,
                &described.media_type,
                &attachment.file.digest().0.as_slice(),
            ],
        )
        .await?;
    }
    Ok(())
}

/// Gives a version of a post the attachments of another.
pub(super) async fn copy(db: &Db, post: i64, from: u32, to: u32) -> Result<(), StorageError> {
    db.execute(
        "INSERT INTO attachments (post, version, position, name, type, digest)
         SELECT post, $3, position, name, type, digest FROM attachments
         WHERE post = $1 AND version = $2",
        &[&post, &i64::from(from), &i64::from(to)],
    )
    .await?;
    Ok(())
}

const RELEASE: &str = "INSERT INTO released_files (digest)
    SELECT DISTINCT digest FROM gone ORDER BY digest ON CONFLICT DO NOTHING";

/// Takes its attachments from a version of a post.
pub(super) async fn remove(db: &Db, post: i64, version: u32) -> Result<(), StorageError> {
    let deleted = "DELETE FROM attachments WHERE post = $1 AND version = $2 RETURNING digest";
    let sql = format!("WITH gone AS ({deleted}) {RELEASE}");
    db.execute(&sql, &[&post, &i64::from(version)]).await?;
    Ok(())
}

/// Takes all attachments from posts that are about to go: from those of this query.
pub(super) async fn release(db: &Db, posts: &str, values: Values<'_>) -> Result<(), StorageError> {
    let deleted = format!("DELETE FROM attachments WHERE post IN ({posts}) RETURNING digest");
    let sql = format!("WITH gone AS ({deleted}) {RELEASE}");
    db.execute(&sql, values).await?;
    Ok(())
}
