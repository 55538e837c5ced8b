//! The database that is measured: a file, or a PostgreSQL of its own.

use std::ffi::OsString;

use tempfile::TempDir;
use tent_server::Database;
use tent_testkit::postgres::Cluster;

use crate::{Outcome, cost};

/// An empty database, which is gone at the end.
pub(crate) struct Store {
    folder: TempDir,
    postgres: Option<(Cluster, String)>,
}

impl Store {
    pub(crate) fn create(in_postgres: bool) -> Outcome<Self> {
        let postgres = match in_postgres {
            true => {
                // The least of caches is too small for a million posts; what is durable stays so.
                let cluster = Cluster::start(&["-c", "shared_buffers=512MB"]);
                let cluster = cluster.ok_or("PostgreSQL is not installed")?;
                let config = cluster.create_database();
                Some((cluster, config))
            }
            false => None,
        };
        Ok(Self {
            folder: tempfile::tempdir()?,
            postgres,
        })
    }

    pub(crate) async fn open(&self) -> Outcome<Database> {
        Ok(match &self.postgres {
            Some((_, config)) => Database::postgres(config, self.folder.path()).await?,
            None => Database::sqlite(self.folder.path().join("tent.db"))?,
        })
    }

    /// Has the database look at what it is filled with, as it does by itself after a minute.
    pub(crate) fn settle(&self) {
        if let Some((cluster, config)) = &self.postgres
            && let Some((_, name)) = config.rsplit_once("dbname=")
        {
            cluster.query(name, "VACUUM ANALYZE");
        }
    }

    /// What tells `tent serve` of it.
    pub(crate) fn arguments(&self) -> Vec<OsString> {
        let folder = self.folder.path().into();
        match &self.postgres {
            Some((_, config)) => vec![
                "--database".into(),
                config.into(),
                "--attachments".into(),
                folder,
            ],
            None => vec!["--data".into(), folder],
        }
    }

    /// The processes of the database, if it has any of its own.
    pub(crate) fn processes(&self) -> Vec<u32> {
        match &self.postgres {
            Some((cluster, _)) => cost::family(cluster.process()),
            None => Vec::new(),
        }
    }
}
