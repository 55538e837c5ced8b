//! Where a server keeps everything.

mod account;
mod app;
mod approval;
mod attachment;
mod attachment_folder;
mod backup;
mod condition;
mod delivery;
mod group;
mod members;
mod page;
mod post;
#[cfg(feature = "postgres")]
mod postgres;
pub(crate) mod processes;
mod profile;
mod relation;
mod row;
mod sqlite;
mod value;

use std::error::Error;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;

pub(crate) use self::account::{Account, AccountKey, Accounts, Browser, NewAccount};
pub(crate) use self::app::{
    AppChange, Apps, Grant, GrantChange, Holder, NewAuthorization, Registration,
    StoredAuthorization,
};
pub(crate) use self::approval::{Approval, Approvals, Exchange, Exchanged};
pub(crate) use self::attachment::{Attachments, Digest, NewAttachment, StoredAttachment};
pub(crate) use self::attachment_folder::{AttachmentFolder, NewFile};
pub use self::backup::{BackupError, DatabasePlace};
pub(crate) use self::delivery::{
    Attempt, Deliveries, Delivery, DeliveryKey, Outgoing, Owner, Route,
};
pub(crate) use self::group::{Groups, IdPage, StoredGroup};
pub(crate) use self::page::Page;
pub(crate) use self::post::{
    Audience, Cursor, Feed, MentionPage, MentioningPost, NewPost, PostChange, Posts, SortBy,
    StoredPost, VersionPage, Visible,
};
#[cfg(feature = "postgres")]
use self::postgres::Postgres;
pub(crate) use self::processes::{Changed, Piece, Processes, Span};
pub(crate) use self::profile::{Profiles, Section, SectionChange};
pub(crate) use self::relation::{
    Change, Record, Relation, RelationFilter, RelationName, Relations, Side,
};
use self::sqlite::Sqlite;

/// The database of a server.
///
/// Every write is durable before it is answered. Clones share it.
#[derive(Debug, Clone)]
pub struct Database(Arc<dyn Storage>);

/// Why a database cannot be used.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum DatabaseError {
    /// It was written by a newer version of this program.
    #[error("the database has version {found} of the schema, and this program knows {known} only")]
    Newer {
        /// Its version.
        found: usize,
        /// The newest version that is known here.
        known: usize,
    },
    /// It was written by an older version of this program, and nothing has brought it up to date yet.
    #[error(
        "the database has version {found} of the schema, and a start of this program makes {known} of it"
    )]
    Older {
        /// Its version.
        found: usize,
        /// The version that it needs here.
        known: usize,
    },
    /// A copy into it was broken off, or is still being made.
    #[error("what was copied into the database is not whole")]
    Unfinished,
    /// There is no room for what should be written.
    #[error("there is no room left for the database")]
    Full,
    /// A group of writes was taken back since one of them failed.
    #[error("the write was taken back together with one that failed")]
    RolledBack,
    /// Its threads are gone.
    #[error("the database is closed")]
    Closed,
    /// Another server, in this process or another, has it open.
    #[error("another server uses the database {}", .0.display())]
    InUse(PathBuf),
    /// Its file cannot be made or its threads cannot be started.
    #[error("the database cannot be opened")]
    Open(#[source] Arc<std::io::Error>),
    /// What names a database of PostgreSQL cannot be read, for this reason, which repeats nothing of it
    /// but the name of an option.
    #[error("that is no connection string of PostgreSQL: {0}")]
    Config(String),
    /// The file with the certificates of those who are trusted, which `sslrootcert` names, has none.
    #[error("the certificates in {} cannot be read", .0.display())]
    Roots(PathBuf, #[source] Arc<dyn Error + Send + Sync>),
    /// No connection to it can be had, or one was lost. What was written by then may stand or not.
    #[error("the database cannot be reached")]
    Unreachable(#[source] Arc<dyn Error + Send + Sync>),
    /// It has a certificate that nobody who is trusted has signed, or that is not for its name.
    #[error("the certificate of the database is not trusted")]
    Untrusted(#[source] Arc<dyn Error + Send + Sync>),
    /// It does not let this user in, or not with this password, or not without one.
    #[error("the database refuses this user or password")]
    Denied(#[source] Arc<dyn Error + Send + Sync>),
    /// A row is not there that others refer to.
    #[error("what the database was asked for is not there")]
    Missing,
    /// PostgreSQL says no, or what it says is not understood.
    #[error("PostgreSQL failed")]
    Postgres(#[source] Arc<dyn Error + Send + Sync>),
    /// SQLite says no.
    #[error("SQLite failed")]
    Sqlite(#[source] Arc<rusqlite::Error>),
}

impl Database {
    /// An SQLite database in this file, which is made, readable by its owner alone, when it is not
    /// there. Its schema is brought up to date. A lock, on a file of the same name with `-lock` added,
    /// keeps a second server away.
    ///
    /// # Errors
    ///
    /// When the file cannot be opened, is in use, is no such database, or was written by a newer
    /// version.
    pub fn sqlite(file: impl AsRef<Path>) -> Result<Self, DatabaseError> {
        Ok(Self(Arc::new(Sqlite::open(file.as_ref())?)))
    }

    /// A database in PostgreSQL, which any number of servers may use at once, and the folder for the
    /// attachments of posts, which they share then. Its schema is brought up to date.
    ///
    /// The configuration is a URL, `postgres://tent@db.example/tent`, or what libpq calls a connection
    /// string. What leaves this machine goes in TLS, unless it says `sslmode=disable`. The roots of the
    /// platform are trusted, or those in the file of PEM that it names as `sslrootcert`. A password that it
    /// does not have is that of `PGPASSWORD`, else of the file that it names as `passfile`, else
    /// `PGPASSFILE`, else `.pgpass` in the home folder, as
    /// [libpq](https://www.postgresql.org/docs/current/libpq-pgpass.html) has it.
    ///
    /// # Errors
    ///
    /// When the database cannot be reached, or was written by a newer version.
    #[cfg(feature = "postgres")]
    pub async fn postgres(
        config: &str,
        attachments: impl Into<PathBuf>,
    ) -> Result<Self, DatabaseError> {
        let postgres = Postgres::open(config, attachments.into()).await?;
        Ok(Self(Arc::new(postgres)))
    }

    /// A database in memory. It is gone with its last clone.
    ///
    /// # Errors
    ///
    /// When its thread cannot be started.
    pub fn in_memory() -> Result<Self, DatabaseError> {
        Ok(Self(Arc::new(Sqlite::in_memory()?)))
    }

    pub(crate) fn into_storage(self) -> Arc<dyn Storage> {
        self.0
    }
}

impl From<rusqlite::Error> for DatabaseError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            // A quota that is used up (EDQUOT) and a file as large as may be (EFBIG) are not told apart from a
            // disk that is broken: SQLite takes ENOSPC alone for a lack of room, and gives the system's
            // number to unsafe code only.
            Some(rusqlite::ErrorCode::DiskFull) => Self::Full,
            _ => Self::Sqlite(Arc::new(error)),
        }
    }
}

/// Why storage did not do as it was told.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum StorageError {
    /// The write is signed with a nonce that was used before.
    #[error("the nonce was used before")]
    Replayed,
    /// What is stored cannot be read back.
    #[error("a stored value cannot be read")]
    Value(#[source] Arc<serde_json::Error>),
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl From<rusqlite::Error> for StorageError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error.into())
    }
}

impl From<serde_json::Error> for StorageError {
    fn from(error: serde_json::Error) -> Self {
        Self::Value(Arc::new(error))
    }
}

/// Where a database has its attachments.
#[derive(Debug, Clone)]
pub(crate) enum AttachmentPlace {
    /// In a folder of the one server that may use the database.
    Own(PathBuf),
    /// In a folder of all servers that use it.
    #[cfg_attr(
        not(feature = "postgres"),
        expect(dead_code, reason = "several use PostgreSQL alone")
    )]
    Shared(PathBuf),
}

/// What makes a signed request one of a kind. A signed write stores it in its own transaction, so
/// that it cannot be sent twice, whatever happens in between.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stamp {
    pub(crate) mac_id: String,
    pub(crate) timestamp: i64,
    pub(crate) nonce: String,
}

pub(crate) type Reply<'a, T> = Pin<Box<dyn Future<Output = Result<T, StorageError>> + Send + 'a>>;

/// What a server asks of its database: one trait for each noun, in the file that has what is stored of
/// it. Whatever takes a stamp refuses one that was used before.
pub(crate) trait Storage:
    Accounts
    + Profiles
    + Apps
    + Approvals
    + Posts
    + Attachments
    + Groups
    + Relations
    + Deliveries
    + std::fmt::Debug
    + Send
    + Sync
{
    /// Where attachments are kept if nobody says where: with the database, or nowhere for long.
    fn attachment_folder(&self) -> Option<AttachmentPlace>;

    /// What it shares with other processes, if there may be any.
    fn processes(&self) -> Option<Arc<dyn Processes>> {
        None
    }
}
