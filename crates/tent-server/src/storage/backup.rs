//! Copies of a database and its files, made while it is used, put back, and examined.

use std::fs::{self, DirBuilder, File};
use std::io::{self, BufRead as _, BufReader};
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};
use sha2::{Digest as _, Sha256};

use super::sqlite::{PATIENCE, attachment_folder, open_private};
use super::{Database, DatabaseError};

/// The name of the database in a backup.
const DATABASE: &str = "tent.db";

/// Why there is no backup, or none that can be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BackupError {
    /// There is something already where the copy would be.
    #[error("{} is there already", .0.display())]
    Exists(PathBuf),
    /// What should be copied is damaged.
    #[error("{} is damaged: {}", .0.display(), .1.join("; "))]
    Damaged(PathBuf, Vec<String>),
    /// A file cannot be read or written.
    #[error("{} cannot be copied", .0.display())]
    File(PathBuf, #[source] io::Error),
    /// SQLite says no.
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl From<rusqlite::Error> for BackupError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error.into())
    }
}

impl Database {
    /// Copies a database, as it is at one moment, and the folder beside it that has the files of posts
    /// into a new folder. A server may use both meanwhile.
    ///
    /// ```
    /// use tent_server::Database;
    ///
    /// let folder = tempfile::tempdir()?;
    /// let (file, backup) = (folder.path().join("tent.db"), folder.path().join("backup"));
    /// let in_use = Database::sqlite(&file)?;
    /// Database::back_up(&file, &backup)?;
    /// Database::restore(&backup, folder.path().join("again.db"))?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When the folder is there already, and when anything cannot be read or written. Then there is no
    /// such folder.
    pub fn back_up(file: impl AsRef<Path>, folder: impl AsRef<Path>) -> Result<(), BackupError> {
        let (file, folder) = (file.as_ref(), folder.as_ref());
        make_new(folder)?;
        let copied = copy(file, &folder.join(DATABASE));
        if copied.is_err() {
            let _ = fs::remove_dir_all(folder); // the first failure is the one to tell
        }
        copied
    }

    /// Puts a backup back as a new database, if it is whole.
    ///
    /// # Errors
    ///
    /// When the backup is damaged, when there is such a database already, and when anything cannot be
    /// read or written.
    pub fn restore(folder: impl AsRef<Path>, file: impl AsRef<Path>) -> Result<(), BackupError> {
        let (backup, file) = (folder.as_ref().join(DATABASE), file.as_ref());
        let damage = Self::examine(&backup)?;
        if !damage.is_empty() {
            return Err(BackupError::Damaged(backup, damage));
        }
        for taken in [file.to_owned(), attachment_folder(file)] {
            if taken.exists() {
                return Err(BackupError::Exists(taken));
            }
        }
        copy(&backup, file)
    }

    /// What is wrong with a database and its files: nothing, it is to be hoped. A server may use it
    /// meanwhile.
    ///
    /// # Errors
    ///
    /// When it cannot be examined.
    pub fn examine(file: impl AsRef<Path>) -> Result<Vec<String>, BackupError> {
        let file = file.as_ref();
        let db = open(file)?;
        let mut damage: Vec<String> = rows(&db, "PRAGMA integrity_check")?;
        damage.retain(|line| line != "ok");
        let dangling = "SELECT DISTINCT 'rows of ' || \"table\" || ' refer to nothing' FROM pragma_foreign_key_check";
        damage.extend(rows(&db, dangling)?);
        for name in attached(&db)? {
            let path = attachment_folder(file).join(&name);
            match digest(&path) {
                Ok(digest) if digest == name => {}
                Ok(_) => damage.push(format!("the file {name} is not what it was")),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    damage.push(format!("the file {name} is missing"));
                }
                Err(error) => return Err(BackupError::File(path, error)),
            }
        }
        Ok(damage)
    }
}

/// A connection beside those of a server. It needs no lock: SQLite has its own.
fn open(file: &Path) -> Result<Connection, BackupError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(file, flags)?;
    db.busy_timeout(PATIENCE)?;
    Ok(db)
}

fn rows(db: &Connection, sql: &str) -> Result<Vec<String>, BackupError> {
    let mut query = db.prepare(sql)?;
    let rows = query.query_map([], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The names of the files that posts have.
fn attached(db: &Connection) -> Result<Vec<String>, BackupError> {
    if !db.table_exists(None, "attachments")? {
        return Ok(Vec::new());
    }
    rows(db, "SELECT DISTINCT lower(hex(digest)) FROM attachments")
}

fn digest(file: &Path) -> io::Result<String> {
    let mut hash = Sha256::new();
    let mut reader = BufReader::with_capacity(64 * 1024, File::open(file)?);
    loop {
        let bytes = reader.fill_buf()?;
        if bytes.is_empty() {
            break;
        }
        hash.update(bytes);
        let read = bytes.len();
        reader.consume(read);
    }
    Ok(hash
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect())
}

/// Copies a database and the files of its posts. Files never change, so those that were there when the
/// copy of the database was made are right for it.
fn copy(from: &Path, to: &Path) -> Result<(), BackupError> {
    let failed = |error| BackupError::File(to.to_owned(), error);
    // Made before SQLite would, so that nobody else can read the keys in it.
    open_private(to).map_err(failed)?;
    let source = open(from)?;
    let target = to
        .to_str()
        .ok_or_else(|| failed(io::ErrorKind::InvalidFilename.into()))?;
    source.execute("VACUUM INTO ?1", [target])?;
    File::open(to)
        .and_then(|file| file.sync_all())
        .map_err(failed)?;
    let names = attached(&open(to)?)?;
    if names.is_empty() {
        return Ok(());
    }
    let (from, to) = (attachment_folder(from), attachment_folder(to));
    make_new(&to)?;
    for name in names {
        let copied = fs::copy(from.join(&name), to.join(&name));
        let synced = copied.and_then(|_| File::open(to.join(&name))?.sync_all());
        synced.map_err(|error| BackupError::File(from.join(&name), error))?;
    }
    Ok(())
}

/// Makes a folder for its owner alone.
fn make_new(folder: &Path) -> Result<(), BackupError> {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => BackupError::Exists(folder.to_owned()),
        _ => BackupError::File(folder.to_owned(), error),
    })
}
