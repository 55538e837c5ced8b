//! The lock that keeps a second server away from a database.

use std::ffi::OsString;
use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::storage::DatabaseError;

/// A lock on a database, held until it is dropped or the process ends.
///
/// It is on a file of its own, with `-lock` added to the name: to close the database's file anywhere
/// in a process would end the locks that SQLite itself holds on it there.
#[derive(Debug)]
pub(crate) struct Lock(
    #[expect(dead_code, reason = "the lock lives as long as the file is open")] File,
);

impl Lock {
    pub(crate) fn take(database: &Path) -> Result<Self, DatabaseError> {
        let file = open_private(&lock_file(database)).map_err(open_error)?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => Err(DatabaseError::InUse(database.to_owned())),
            Err(TryLockError::Error(error)) => Err(open_error(error)),
        }
    }

    /// The same lock, if its file is there, held together with others who share it. It waits for whoever
    /// has it alone.
    pub(crate) fn share(database: &Path) -> std::io::Result<Self> {
        let file = File::open(lock_file(database))?;
        file.lock_shared()?;
        Ok(Self(file))
    }
}

fn lock_file(database: &Path) -> PathBuf {
    let mut name = OsString::from(database);
    name.push("-lock");
    name.into()
}

fn open_error(error: std::io::Error) -> DatabaseError {
    DatabaseError::Open(Arc::new(error))
}

/// Opens a file, which is made so that nobody else can read it when it is not there.
pub(in crate::storage) fn open_private(file: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file)
}
