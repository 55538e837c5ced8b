//! Copies into a file of SQLite, and what can be wrong with one.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};

#[cfg(feature = "postgres")]
use super::tables;
use super::{BackupError, DatabasePlace, files};
use crate::storage::DatabaseError;
#[cfg(feature = "postgres")]
use crate::storage::sqlite::migrate;
use crate::storage::sqlite::{PATIENCE, open_private, partial};

/// A copy that becomes a database, under its own name, when it is whole.
pub(super) struct Copy {
    partial: PathBuf,
    file: PathBuf,
    attachments: PathBuf,
}

impl Copy {
    /// Begins one. What is left of one that was broken off is begun anew.
    pub(super) fn begin(file: &Path, place: &DatabasePlace) -> Result<Self, BackupError> {
        let copy = Self {
            partial: partial(file),
            file: file.to_owned(),
            attachments: place.attachments.clone(),
        };
        let was_broken_off = copy.partial.exists();
        if file.exists() {
            return Err(BackupError::Exists(file.to_owned()));
        }
        if copy.attachments.exists() && !was_broken_off {
            return Err(BackupError::Exists(copy.attachments));
        }
        if was_broken_off {
            copy.remove().map_err(|error| copy.failed(error))?;
        }
        // Made before SQLite would, so that nobody else can read the keys in it.
        open_private(&copy.partial).map_err(|error| copy.failed(error))?;
        Ok(copy)
    }

    fn remove(&self) -> io::Result<()> {
        let mut journal = self.partial.clone().into_os_string();
        journal.push("-journal");
        match fs::remove_file(journal) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => fs::remove_file(&self.partial),
        }
    }

    fn failed(&self, error: io::Error) -> BackupError {
        BackupError::File(self.file.clone(), error)
    }

    /// Copies a database into it, as it is at one moment.
    pub(super) fn vacuum(&self, source: &Path) -> Result<(), BackupError> {
        let target = self.partial.to_str();
        let target = target.ok_or_else(|| self.failed(io::ErrorKind::InvalidFilename.into()))?;
        open(source)?.execute("VACUUM INTO ?1", [target])?;
        Ok(())
    }

    /// Opens it with the schema of this program, for [`Rows`](tables::Rows).
    #[cfg(feature = "postgres")]
    pub(super) fn open(&self) -> Result<Connection, BackupError> {
        let mut db = Connection::open(&self.partial)?;
        migrate(&mut db)?;
        tables::prepare(&db)?;
        Ok(db)
    }

    /// Copies the files of its posts, and gives it its name.
    pub(super) fn end(self, attachments: &Path) -> Result<(), BackupError> {
        let db = Connection::open(&self.partial)?;
        files::copy_all(&db, attachments, &self.attachments)?;
        drop(db);
        let named = File::open(&self.partial)
            .and_then(|file| file.sync_all())
            .and_then(|()| fs::rename(&self.partial, &self.file));
        named.map_err(|error| self.failed(error))?;
        #[cfg(unix)] // elsewhere a folder cannot be opened
        if let Some(folder) = self.file.parent() {
            let synced = File::open(folder).and_then(|folder| folder.sync_all());
            synced.map_err(|error| self.failed(error))?;
        }
        Ok(())
    }
}

/// A connection beside those of a server. It needs no lock: SQLite has its own.
fn open(file: &Path) -> Result<Connection, BackupError> {
    if !file.exists() {
        return Err(match partial(file).exists() {
            true => DatabaseError::Unfinished.into(),
            false => BackupError::Missing(file.to_owned()),
        });
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(file, flags)?;
    db.busy_timeout(PATIENCE)?;
    Ok(db)
}

pub(super) fn examine(file: &Path, attachments: &Path) -> Result<Vec<String>, BackupError> {
    let db = open(file)?;
    let mut damage = rows(&db, "PRAGMA integrity_check")?;
    damage.retain(|line| line != "ok");
    let dangling = "SELECT DISTINCT 'rows of ' || \"table\" || ' refer to nothing' FROM pragma_foreign_key_check";
    damage.extend(rows(&db, dangling)?);
    files::each(&db, |name| {
        damage.extend(files::examine(name, attachments)?);
        Ok(())
    })?;
    Ok(damage)
}

fn rows(db: &Connection, sql: &str) -> Result<Vec<String>, BackupError> {
    let mut query = db.prepare(sql)?;
    let rows = query.query_map([], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
