//! Copies of a server's database and files, made while it runs, put back, moved and examined.
//!
//! A copy is a file of SQLite and a folder, whichever database it is of: so what was copied from one
//! can be put into the other.

mod files;
#[cfg(feature = "postgres")]
mod postgres;
mod sqlite;
#[cfg(feature = "postgres")]
mod tables;

use std::fmt;
use std::fs::{self, DirBuilder};
use std::future::Future;
use std::io;
use std::path::{Path, PathBuf};

use tokio::runtime::Handle;

use super::DatabaseError;
use super::sqlite::{Lock, attachment_folder};

/// The name of the database in a backup.
const DATABASE: &str = "tent.db";

/// Why there is no copy, or none that can be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BackupError {
    /// There is no database where one should be copied from.
    #[error("there is no database {}", .0.display())]
    Missing(PathBuf),
    /// The database that should be copied or examined is none of a server.
    #[error("the database has nothing of a server in it")]
    NotOurs,
    /// There is something already where the copy would be.
    #[error("{} is there already", .0.display())]
    Exists(PathBuf),
    /// There is something already in the database that the copy would be put into.
    #[error("the database has something in it already")]
    NotEmpty,
    /// What should be copied is damaged.
    #[error("{} is damaged: {}", .0.display(), .1.join("; "))]
    Damaged(PathBuf, Vec<String>),
    /// A table has other rows after it was copied. The copy was taken back.
    #[error("the rows of {0} did not arrive as they left")]
    Differs(&'static str),
    /// A file cannot be read or written.
    #[error("{} cannot be read or written", .0.display())]
    File(PathBuf, #[source] io::Error),
    /// A database says no.
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl From<rusqlite::Error> for BackupError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error.into())
    }
}

/// Where a server keeps its database and the files of posts, for what is done with them as a whole.
///
/// ```
/// use tent_server::{Database, DatabasePlace};
///
/// # tokio::runtime::Runtime::new()?.block_on(async {
/// let folder = tempfile::tempdir()?;
/// let file = folder.path().join("tent.db");
/// let in_use = Database::sqlite(&file)?;
///
/// let (here, backup) = (DatabasePlace::sqlite(file), folder.path().join("backup"));
/// here.back_up(&backup).await?;
/// DatabasePlace::sqlite(folder.path().join("again.db")).restore(&backup).await?;
/// assert!(here.examine().await?.is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct DatabasePlace {
    kind: Kind,
    attachments: PathBuf,
}

#[derive(Clone)]
enum Kind {
    Sqlite(PathBuf),
    #[cfg(feature = "postgres")]
    Postgres(String),
}

impl DatabasePlace {
    /// A file of SQLite, as for [`Database::sqlite`](super::Database::sqlite), and the folder beside it
    /// that has the files of posts.
    pub fn sqlite(file: impl Into<PathBuf>) -> Self {
        let file = file.into();
        Self {
            attachments: attachment_folder(&file),
            kind: Kind::Sqlite(file),
        }
    }

    /// A database in PostgreSQL and the folder for files, as for
    /// [`Database::postgres`](super::Database::postgres).
    #[cfg(feature = "postgres")]
    pub fn postgres(config: impl Into<String>, attachments: impl Into<PathBuf>) -> Self {
        Self {
            kind: Kind::Postgres(config.into()),
            attachments: attachments.into(),
        }
    }

    /// The same with another folder for files.
    #[must_use]
    pub fn attachments(self, folder: impl Into<PathBuf>) -> Self {
        Self {
            attachments: folder.into(),
            ..self
        }
    }

    /// Copies the database, as it is at one moment, and the files that its posts have then into a new
    /// folder. Servers may use both meanwhile.
    ///
    /// # Errors
    ///
    /// When the folder is there already, and when anything cannot be read or written. Then there is no
    /// such folder.
    pub async fn back_up(&self, folder: impl Into<PathBuf>) -> Result<(), BackupError> {
        let (from, folder) = (self.clone(), folder.into());
        let work = async move || {
            make_new(&folder)?;
            let copied = copy(&from, &Self::sqlite(folder.join(DATABASE))).await;
            if copied.is_err() {
                let _ = fs::remove_dir_all(&folder); // the first failure is the one to tell
            }
            copied
        };
        in_thread(work).await
    }

    /// Puts a backup into this place, if it is whole and the place is empty. The folder is made for its
    /// owner alone, if it is not there.
    ///
    /// # Errors
    ///
    /// When the backup is damaged, when there is something already, and when anything cannot be read or
    /// written. What was not put back as a whole is not taken for a database.
    pub async fn restore(&self, folder: impl AsRef<Path>) -> Result<(), BackupError> {
        let (to, file) = (self.clone(), folder.as_ref().join(DATABASE));
        let work = async move || {
            let from = Self::sqlite(&file);
            let damage = examine(&from).await?;
            if !damage.is_empty() {
                return Err(BackupError::Damaged(file, damage));
            }
            to.make_folder()?;
            let _alone = to.lock()?;
            copy(&from, &to).await
        };
        in_thread(work).await
    }

    /// Copies everything to another place, which must be empty. Of SQLite no server may use it: what
    /// came later would be lost. Of PostgreSQL stop the servers first.
    ///
    /// # Errors
    ///
    /// When a server uses the file, when there is something in the other place, and when anything cannot
    /// be read or written. What was not copied as a whole is not taken for a database; then copy again.
    pub async fn copy_to(&self, to: &Self) -> Result<(), BackupError> {
        let (from, to) = (self.clone(), to.clone());
        let work = async move || {
            let _unused = from.lock()?;
            let _alone = to.lock()?;
            copy(&from, &to).await
        };
        in_thread(work).await
    }

    /// What is wrong with the database and its files: nothing, it is to be hoped. Servers may use both
    /// meanwhile.
    ///
    /// # Errors
    ///
    /// When they cannot be examined.
    pub async fn examine(&self) -> Result<Vec<String>, BackupError> {
        let place = self.clone();
        in_thread(async move || examine(&place).await).await
    }

    /// Makes the folder that everything is put into.
    fn make_folder(&self) -> Result<(), BackupError> {
        let folder = match &self.kind {
            Kind::Sqlite(file) => file.parent(),
            #[cfg(feature = "postgres")]
            Kind::Postgres(_) => self.attachments.parent(),
        };
        match folder {
            Some(folder) if !folder.as_os_str().is_empty() => make(folder),
            _ => Ok(()),
        }
    }

    /// Keeps servers away from a file of SQLite.
    fn lock(&self) -> Result<Option<Lock>, DatabaseError> {
        match &self.kind {
            Kind::Sqlite(file) => Lock::take(file).map(Some),
            #[cfg(feature = "postgres")]
            Kind::Postgres(_) => Ok(None),
        }
    }
}

impl fmt::Debug for DatabasePlace {
    /// Without the configuration of PostgreSQL, which may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut place = f.debug_struct("DatabasePlace");
        match &self.kind {
            Kind::Sqlite(file) => place.field("sqlite", file),
            #[cfg(feature = "postgres")]
            Kind::Postgres(_) => place.field("postgres", &format_args!("..")),
        };
        place.field("attachments", &self.attachments).finish()
    }
}

/// Works in a thread of its own: files and SQLite hold up whoever waits for them.
async fn in_thread<T, W, F>(work: W) -> Result<T, BackupError>
where
    T: Send + 'static,
    W: FnOnce() -> F + Send + 'static,
    F: Future<Output = Result<T, BackupError>>,
{
    let runtime = Handle::current();
    let worked = tokio::task::spawn_blocking(move || runtime.block_on(work()));
    worked.await.map_err(|_| DatabaseError::Closed)?
}

/// Copies a database and the files of its posts. Files never change, and none goes as long as this
/// takes, so those that are there when the database was copied are right for it.
async fn copy(from: &DatabasePlace, to: &DatabasePlace) -> Result<(), BackupError> {
    let _kept = files::keep(&from.attachments);
    match (&from.kind, &to.kind) {
        (Kind::Sqlite(source), Kind::Sqlite(target)) => {
            let copy = sqlite::Copy::begin(target, to)?;
            copy.vacuum(source)?;
            copy.end(&from.attachments)
        }
        #[cfg(feature = "postgres")]
        (Kind::Postgres(source), Kind::Sqlite(target)) => {
            let copy = sqlite::Copy::begin(target, to)?;
            postgres::export(source, &mut copy.open()?).await?;
            copy.end(&from.attachments)
        }
        #[cfg(feature = "postgres")]
        (source, Kind::Postgres(target)) => {
            // Of one moment and of this version of the schema.
            let folder = tempfile::tempdir()
                .map_err(|error| BackupError::File(std::env::temp_dir(), error))?;
            let beside = DatabasePlace::sqlite(folder.path().join(DATABASE));
            let copy = sqlite::Copy::begin(&folder.path().join(DATABASE), &beside)?;
            postgres::begin(target).await?;
            let mut db = match source {
                Kind::Sqlite(source) => {
                    copy.vacuum(source)?;
                    copy.open()?
                }
                Kind::Postgres(source) => {
                    let mut db = copy.open()?;
                    postgres::export(source, &mut db).await?;
                    db
                }
            };
            files::copy_all(&db, &from.attachments, &to.attachments)?;
            postgres::import(&mut db, target).await
        }
    }
}

async fn examine(place: &DatabasePlace) -> Result<Vec<String>, BackupError> {
    let _kept = files::keep(&place.attachments);
    match &place.kind {
        Kind::Sqlite(file) => sqlite::examine(file, &place.attachments),
        #[cfg(feature = "postgres")]
        Kind::Postgres(config) => postgres::examine(config, &place.attachments).await,
    }
}

/// Makes a folder for its owner alone, which must not be there.
fn make_new(folder: &Path) -> Result<(), BackupError> {
    private()
        .create(folder)
        .map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => BackupError::Exists(folder.to_owned()),
            _ => BackupError::File(folder.to_owned(), error),
        })
}

/// Makes a folder for its owner alone, and those it is in, unless they are there.
fn make(folder: &Path) -> Result<(), BackupError> {
    let made = private().recursive(true).create(folder);
    made.map_err(|error| BackupError::File(folder.to_owned(), error))
}

fn private() -> DirBuilder {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
}

#[cfg(feature = "postgres")]
#[cfg(test)]
mod tests;
