//! Why a store failed.

use std::io;
use std::path::PathBuf;

use tent_proto::Entity;

/// Why a store could not be read or changed. Nothing was changed then.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The file could not be read.
    #[error("the credentials in {} could not be read", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        cause: io::Error,
    },
    /// The file could not be written; it is as it was.
    #[error("the credentials in {} could not be changed", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        cause: io::Error,
    },
    /// The lock file could not be used.
    #[error("the lock {} could not be taken", path.display())]
    Lock {
        /// The lock file.
        path: PathBuf,
        /// Why.
        #[source]
        cause: io::Error,
    },
    /// Another process has been changing the file for too long.
    #[error("another process is changing the credentials and holds the lock {}", path.display())]
    Busy {
        /// The lock file.
        path: PathBuf,
    },
    /// The file is not what this crate writes. It is left as it is.
    #[error("the credentials in {} are damaged: {place}", path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// Where, and nothing of what stands there, since that may be a key.
        place: String,
    },
    /// The file was written by a program that keeps credentials in another way. It is left as it is.
    #[error("the credentials in {} have the format {format}, and this program knows format 1", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// The format.
        format: u64,
    },
    /// Others than the owner may read or write the file, and may have done so.
    #[error("the credentials in {} are open to others (mode {mode:04o})", path.display())]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// Nothing is kept for the entity.
    #[error("there are no credentials of {0}")]
    Unknown(Entity),
    /// A store of another kind failed.
    #[error("the credentials could not be read or changed")]
    Other(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl StoreError {
    /// What a person can do about it, where there is something.
    pub fn advice(&self) -> Option<String> {
        match self {
            Self::Exposed { path, .. } => Some(format!("chmod 600 {}", path.display())),
            Self::Corrupt { path, .. } => Some(format!(
                "repair {0}, or move it away and log in again",
                path.display()
            )),
            Self::Newer { .. } => Some("use the newer version of the program".to_owned()),
            Self::Busy { .. } => Some("wait until the other process has ended".to_owned()),
            _ => None,
        }
    }
}
