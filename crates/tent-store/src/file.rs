//! A store in one file.

mod document;
mod lock;
mod replace;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tent_proto::Entity;
use tent_proto::login::{Account, Registration};

use self::document::{Document, Entry};
use self::lock::Lock;
use crate::{CredentialStore, StoreError};

/// Keeps credentials in one JSON file, for all entities.
///
/// - The file is created with mode `0600`, and its folder, when it has to be made, with `0700`. A file
///   that others may read or write is refused with [`StoreError::Exposed`], not quietly mended: its
///   owner should know that the keys may have been read.
/// - A change writes a new file beside the old one, flushes it to the disk and renames it, so that
///   there is the old state or the new one at any time. Where the path is a symbolic link, the file it
///   points to is replaced.
/// - A change is made under a lock, the file of the same name with `.lock` added, from the reading to
///   the renaming; threads and processes take turns. Reading needs no lock.
/// - A file that cannot be understood is reported and left alone. Members that this version does not
///   know are kept.
///
/// It holds no state: each method reads the file anew, and clones may be used from anywhere.
#[derive(Debug, Clone)]
pub struct FileStore {
    path: PathBuf,
    patience: Duration,
}

impl FileStore {
    /// A store in this file, which need not be there yet.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            patience: Duration::from_secs(10),
        }
    }

    /// Sets how long a change waits for others to finish theirs: ten seconds unless set.
    #[must_use]
    pub const fn with_patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn read(&self) -> Result<Document, StoreError> {
        match read_private(&self.path) {
            Ok(bytes) => Document::parse(&bytes, &self.path),
            Err(StoreError::Read { cause, .. }) if cause.kind() == io::ErrorKind::NotFound => {
                Ok(Document::default())
            }
            Err(error) => Err(error),
        }
    }

    fn entry(&self, entity: &Entity) -> Result<Entry, StoreError> {
        Ok(self.read()?.entry(entity).cloned().unwrap_or_default())
    }

    /// Changes the document under the lock.
    fn change<T>(
        &self,
        change: impl FnOnce(&mut Document) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let path = replace::target(&self.path).map_err(|cause| self.not_written(cause))?;
        let _lock = Lock::take(&path, self.patience)?;
        let mut document = self.read()?;
        let output = change(&mut document)?;
        let text = document
            .to_json()
            .map_err(|cause| self.not_written(cause))?;
        replace::replace(&path, |file| io::Write::write_all(file, &text))
            .map_err(|cause| self.not_written(cause))?;
        Ok(output)
    }

    fn not_written(&self, cause: impl Into<io::Error>) -> StoreError {
        StoreError::Write {
            path: self.path.clone(),
            cause: cause.into(),
        }
    }
}

/// Reads a file, unless others may read or write it too.
fn read_private(path: &Path) -> Result<Vec<u8>, StoreError> {
    let failed = |cause| StoreError::Read {
        path: path.into(),
        cause,
    };
    let mut file = fs::File::open(path).map_err(failed)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = file.metadata().map_err(failed)?.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(StoreError::Exposed {
                path: path.into(),
                mode,
            });
        }
    }
    let mut bytes = Vec::new();
    io::Read::read_to_end(&mut file, &mut bytes).map_err(failed)?;
    Ok(bytes)
}

impl CredentialStore for FileStore {
    fn registration(&self, entity: &Entity) -> Result<Option<Registration>, StoreError> {
        self.entry(entity)?.registration(&self.path)
    }

    fn save_registration(&self, registration: &Registration) -> Result<(), StoreError> {
        self.change(|document| {
            let entry = document.entry_mut(&registration.entity);
            entry.set_registration(registration, &self.path)
        })
    }

    fn account(&self, entity: &Entity) -> Result<Option<Account>, StoreError> {
        self.entry(entity)?.account(&self.path)
    }

    fn save_account(&self, account: &Account) -> Result<(), StoreError> {
        self.change(|document| {
            let entry = document.entry_mut(&account.registration.entity);
            entry.set_registration(&account.registration, &self.path)?;
            entry.set_account(account, &self.path)
        })
    }

    fn remove(&self, entity: &Entity) -> Result<bool, StoreError> {
        if self.read()?.entry(entity).is_none() {
            return Ok(false); // without making a file for nothing
        }
        self.change(|document| Ok(document.remove(entity)))
    }

    fn entities(&self) -> Result<Vec<Entity>, StoreError> {
        Ok(self.read()?.entities().cloned().collect())
    }

    fn default_entity(&self) -> Result<Option<Entity>, StoreError> {
        Ok(self.read()?.default_entity().cloned())
    }

    fn set_default_entity(&self, entity: &Entity) -> Result<(), StoreError> {
        if self.read()?.entry(entity).is_none() {
            return Err(StoreError::Unknown(entity.clone()));
        }
        self.change(|document| {
            if document.set_default_entity(entity) {
                Ok(())
            } else {
                Err(StoreError::Unknown(entity.clone()))
            }
        })
    }
}
