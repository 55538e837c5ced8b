//! Where a server keeps everything: a folder, or a PostgreSQL database and a folder for files.

use std::fs::DirBuilder;
use std::path::{Path, PathBuf};

use clap::Args;
use tent_proto::Secret;
use tent_server::{Database, DatabaseError, DatabasePlace, HostBuilder, TentHost};

use crate::account;
use crate::failure::{Failure, Outcome};

/// Where a server keeps everything.
#[derive(Debug, Clone, Args)]
pub(crate) struct Data {
    /// Where to keep everything, instead of the platform's folder for data
    #[arg(
        long,
        value_name = "DIR",
        global = true,
        env = "TENT_DATA",
        hide_env_values = true
    )]
    data: Option<PathBuf>,
    /// It is kept in PostgreSQL instead
    #[arg(
        long,
        value_name = "URL",
        global = true,
        env = "TENT_DATABASE",
        hide_env_values = true
    )]
    database: Option<Secret>,
    /// The folder of the files of posts, if it is not the usual one
    #[arg(
        long,
        value_name = "DIR",
        global = true,
        env = "TENT_ATTACHMENTS",
        hide_env_values = true
    )]
    attachments: Option<PathBuf>,
}

impl Data {
    pub(crate) const fn at(
        data: Option<PathBuf>,
        database: Option<Secret>,
        attachments: Option<PathBuf>,
    ) -> Self {
        Self {
            data,
            database,
            attachments,
        }
    }

    /// The PostgreSQL database, if one was named.
    fn postgres(&self) -> Option<&str> {
        // An empty variable counts as none.
        let named = self.database.as_ref().map(Secret::expose);
        named.filter(|named| !named.is_empty())
    }

    /// Whether it is in PostgreSQL, which any number of servers may use.
    pub(crate) fn is_shared(&self) -> bool {
        self.postgres().is_some()
    }

    /// Begins to set up a host of what is kept here.
    pub(crate) async fn host(&self, folder: &Path) -> Result<HostBuilder, DatabaseError> {
        let Some(config) = self.postgres() else {
            let host = TentHost::builder().database(Database::sqlite(database(folder))?);
            return Ok(match &self.attachments {
                Some(named) => host.attachments(named),
                None => host,
            });
        };
        // The database brings the folder: it is that of all servers.
        let shared = Database::postgres(config, self.shared_attachments(folder)).await?;
        Ok(TentHost::builder().database(shared))
    }

    /// The folder of the files of posts, with PostgreSQL.
    fn shared_attachments(&self, folder: &Path) -> PathBuf {
        let named = self.attachments.clone();
        named.unwrap_or_else(|| folder.join("attachments"))
    }

    /// The folder that was named, or the platform's; made for its owner alone.
    pub(crate) fn folder(&self) -> Outcome<PathBuf> {
        let folder = self.data.clone().map_or_else(account::data_folder, Ok)?;
        make(&folder)?;
        Ok(folder)
    }

    /// The same, for what is done with it as a whole.
    pub(crate) fn place(&self, folder: &Path) -> DatabasePlace {
        let Some(config) = self.postgres() else {
            let place = DatabasePlace::sqlite(database(folder));
            return match &self.attachments {
                Some(named) => place.attachments(named),
                None => place,
            };
        };
        DatabasePlace::postgres(config, self.shared_attachments(folder))
    }
}

/// The database in such a folder.
fn database(folder: &Path) -> PathBuf {
    folder.join("tent.db")
}

/// Makes a folder, if it is not there, for its owner alone.
pub(crate) fn make(folder: &Path) -> Outcome {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    let made = builder.create(folder).map_err(|error| {
        let what = format!("the folder {} could not be made", folder.display());
        Failure::local(what, &error)
    });
    Ok(made?)
}
