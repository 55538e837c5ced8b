//! Where the servers of the tests keep everything: PostgreSQL.

use std::path::PathBuf;
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};

use tent_server::{Database, TestServer};
use tent_testkit::postgres::Cluster;

/// The cluster of this process. Without one there is nothing to be tested, which was said.
pub(crate) fn cluster() -> &'static Cluster {
    Cluster::shared().unwrap_or_else(|| process::exit(0))
}

/// An empty database.
pub(crate) async fn database() -> Database {
    Kept::new().open().await
}

pub(crate) fn test_server() -> TestServer {
    let kept = Kept::new();
    TestServer::start_on(move || async move { kept.try_open().await }).unwrap()
}

/// It goes on while an answer of the database is on its way, so it cannot be paused.
pub(crate) const fn pause_time() {}

/// A database that can be opened again, by several servers at once, too.
pub(crate) struct Kept {
    pub(crate) config: String,
    folder: PathBuf,
}

impl Kept {
    pub(crate) fn new() -> Self {
        static FOLDERS: AtomicU32 = AtomicU32::new(0);
        let name = format!("files{}", FOLDERS.fetch_add(1, Ordering::Relaxed));
        Self {
            config: cluster().create_database(),
            folder: cluster().folder().join(name),
        }
    }

    pub(crate) async fn open(&self) -> Database {
        self.try_open().await.unwrap()
    }

    async fn try_open(&self) -> Result<Database, tent_server::DatabaseError> {
        Database::postgres(&self.config, &self.folder).await
    }

    /// Where the files of posts are.
    pub(crate) fn folder(&self) -> PathBuf {
        self.folder.clone()
    }
}
