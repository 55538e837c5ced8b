//! The folder in which a server keeps everything.

use std::fs::DirBuilder;
use std::path::{Path, PathBuf};

use clap::Args;
use tent_server::DatabasePlace;

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
}

impl Data {
    pub(crate) const fn at(data: Option<PathBuf>) -> Self {
        Self { data }
    }

    /// The folder that was named, or the platform's; made for its owner alone.
    pub(crate) fn folder(&self) -> Outcome<PathBuf> {
        let folder = self.data.clone().map_or_else(account::data_folder, Ok)?;
        make(&folder)?;
        Ok(folder)
    }

    /// The same, for what is done with it as a whole.
    pub(crate) fn place(&self, folder: &Path) -> DatabasePlace {
        DatabasePlace::sqlite(database(folder))
    }
}

/// The database in such a folder.
pub(crate) fn database(folder: &Path) -> PathBuf {
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
