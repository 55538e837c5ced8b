//! One writer at a time.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use super::replace::beside;
use crate::StoreError;

/// The right to change a file, held until dropped. The system takes it back from a process that dies.
#[derive(Debug)]
pub(super) struct Lock(#[expect(dead_code, reason = "it is open as long as it lives")] File);

impl Lock {
    /// Takes the lock for the file at `path`, waiting for others no longer than `patience`.
    ///
    /// It is a file of its own, since the file that it guards is replaced.
    pub(super) fn take(path: &Path, patience: Duration) -> Result<Self, StoreError> {
        let path = beside(path, ".lock");
        let file = open(&path).map_err(|cause| StoreError::Lock {
            path: path.clone(),
            cause,
        })?;
        let start = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self(file)),
                Err(TryLockError::Error(cause)) => return Err(StoreError::Lock { path, cause }),
                Err(TryLockError::WouldBlock) if start.elapsed() >= patience => {
                    return Err(StoreError::Busy { path });
                }
                Err(TryLockError::WouldBlock) => thread::sleep(Duration::from_millis(5)),
            }
        }
    }
}

fn open(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
