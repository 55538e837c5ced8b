//! Profiles.

use super::connection::{Db, json};
use super::{Postgres, posts};
use crate::storage::{
    AccountKey, NewPost, Profiles, Reply, Section, SectionChange, Stamp, StorageError,
};

const COLUMNS: &str = "type, version, public, content, entities, groups";

impl Profiles for Postgres {
    fn sections(&self, account: AccountKey) -> Reply<'_, Vec<Section>> {
        self.read(account, |db, account| {
            Box::pin(async move {
                let sql = format!(
                    "SELECT DISTINCT ON (type_base) {COLUMNS} FROM profile_sections
                     WHERE entity_id = $1 ORDER BY type_base, version DESC"
                );
                let rows = db.rows(&sql, &[&account.0]).await?;
                rows.iter().map(Section::read).collect()
            })
        })
    }

    fn section_version(
        &self,
        account: AccountKey,
        base: String,
        version: u32,
    ) -> Reply<'_, Option<Section>> {
        let with = (account, base, version);
        self.read(with, |db, (account, base, version)| {
            Box::pin(async move {
                let Some(newest) = one(db, *account, base, None).await? else {
                    return Ok(None);
                };
                let audience = newest.audience;
                let found = one(db, *account, base, Some(*version)).await?;
                Ok(found.map(|found| Section { audience, ..found }))
            })
        })
    }

    fn change_section(
        &self,
        account: AccountKey,
        change: SectionChange,
        notice: NewPost,
        now: i64,
        stamp: Option<Stamp>,
    ) -> Reply<'_, ()> {
        let with = (account, change, notice, now);
        self.write_signed(
            account,
            stamp,
            with,
            |db, (account, change, notice, now)| {
                Box::pin(async move {
                    let newest = one(db, *account, change.section_type.base(), None).await?;
                    let section = change.next_to(newest);
                    put_section(db, *account, &section, *now).await?;
                    posts::create_notice(db, *account, notice, &section.audience, None).await?;
                    Ok(())
                })
            },
        )
    }

    fn delete_section(
        &self,
        account: AccountKey,
        base: String,
        version: Option<u32>,
        stamp: Option<Stamp>,
    ) -> Reply<'_, bool> {
        let with = (account, base, version);
        self.write_signed(account, stamp, with, |db, (account, base, version)| {
            Box::pin(async move {
                let deleted = db
                    .execute(
                        "DELETE FROM profile_sections
                     WHERE entity_id = $1 AND type_base = $2 AND version = coalesce($3, version)",
                        &[&account.0, base, &version.map(i64::from)],
                    )
                    .await?;
                Ok(deleted > 0)
            })
        })
    }
}

/// This version of a section, or else its newest.
async fn one(
    db: &Db,
    account: AccountKey,
    base: &str,
    version: Option<u32>,
) -> Result<Option<Section>, StorageError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM profile_sections
         WHERE entity_id = $1 AND type_base = $2 AND version = coalesce($3, version)
         ORDER BY version DESC LIMIT 1"
    );
    let row = db
        .row(&sql, &[&account.0, &base, &version.map(i64::from)])
        .await?;
    row.as_ref().map(Section::read).transpose()
}

pub(super) async fn put_section(
    db: &Db,
    account: AccountKey,
    section: &Section,
    now: i64,
) -> Result<(), StorageError> {
    let audience = &section.audience;
    db.execute(
        "INSERT INTO profile_sections (entity_id, type_base, version, type, public, content, updated_at, entities, groups)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        &[
            &account.0,
            &section.section_type.base(),
            &i64::from(section.version),
            &section.section_type.as_str(),
            &audience.public,
            &section.content,
            &now,
            &json(&audience.entities)?,
            &json(&audience.groups)?,
        ],
    )
    .await?;
    Ok(())
}
