//! Where the servers of the tests keep everything: SQLite.

use std::path::PathBuf;

use tempfile::TempDir;
use tent_server::{Database, TestServer};

/// An empty database.
pub(crate) async fn database() -> Database {
    Database::in_memory().unwrap()
}

pub(crate) fn test_server() -> TestServer {
    TestServer::start().unwrap()
}

/// Time goes on only when there is nothing else to do.
pub(crate) fn pause_time() {
    tokio::time::pause();
}

/// A database that can be opened again.
pub(crate) struct Kept(TempDir);

impl Kept {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) async fn open(&self) -> Database {
        Database::sqlite(self.0.path().join("tent.db")).unwrap()
    }

    /// Where the files of posts are.
    pub(crate) fn folder(&self) -> PathBuf {
        self.0.path().join("tent.db-attachments")
    }
}
