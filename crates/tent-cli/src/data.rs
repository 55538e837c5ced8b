//! Where a server keeps everything: a folder, or a PostgreSQL database and a folder for files.

use std::fs::DirBuilder;
use std::io;
use std::path::{Path, PathBuf};

use clap::Args;
use tent_proto::Secret;
use tent_server::{Database, DatabaseError, DatabasePlace, HostBuilder, TentHost};

use crate::account;
use crate::exit::Exit;
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

    /// The folder that was named, or the platform's.
    pub(crate) fn named(&self) -> Outcome<PathBuf> {
        Ok(self.data.clone().map_or_else(account::data_folder, Ok)?)
    }

    /// The same, made for its owner alone, unless nothing is kept in it.
    pub(crate) fn folder(&self) -> Outcome<PathBuf> {
        let folder = self.named()?;
        if !self.is_shared() || self.attachments.is_none() {
            make(&folder)?;
        }
        Ok(folder)
    }

    /// Refuses a folder that no server has kept anything in, as one whose name was mistyped is.
    pub(crate) fn expect(&self, folder: &Path) -> Outcome {
        if self.is_shared() {
            return Ok(());
        }
        for file in [DATABASE, BROKEN_OFF] {
            let is_there = folder.join(file).try_exists().map_err(|error| {
                let what = format!("the folder {} could not be read", folder.display());
                Failure::local(what, &error).maybe(of_another(&error))
            })?;
            if is_there {
                return Ok(());
            }
        }
        let what = format!("there is no server in {}", folder.display());
        let failure = Failure::new(Exit::Local, what);
        Err(failure
            .hint("--data names its folder, as for `tent serve`")
            .into())
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

/// The file that the database of such a folder is in.
const DATABASE: &str = "tent.db";
/// What there is of a copy into the folder that is not whole.
const BROKEN_OFF: &str = "tent.db-partial";

/// The database in such a folder.
fn database(folder: &Path) -> PathBuf {
    folder.join(DATABASE)
}

/// Why there is no working with a database.
pub(crate) fn unopened(error: &DatabaseError) -> Failure {
    let exit = match error {
        DatabaseError::Config(_) => Exit::Usage,
        _ => Exit::Local,
    };
    let failure = Failure::new(exit, "the database could not be opened");
    match error {
        // It says the same.
        DatabaseError::Open(cause) => failure.because(&**cause),
        error => failure.because(error),
    }
    .maybe(advice(error))
}

/// What to do about it.
pub(crate) fn advice(error: &DatabaseError) -> Option<&'static str> {
    match error {
        DatabaseError::Open(cause) => of_another(cause),
        DatabaseError::InUse(_) => {
            Some("stop that server first, or name another folder with --data")
        }
        DatabaseError::Newer { .. } => Some("use the program that wrote it, or one that is newer"),
        DatabaseError::Older { .. } => Some("a start of `tent serve` brings it up to date"),
        DatabaseError::Unfinished => {
            Some("do the `tent admin restore` or `move` again that was broken off")
        }
        DatabaseError::Untrusted(_) => {
            Some("name the file with the certificate that has signed it, as sslrootcert in the URL")
        }
        DatabaseError::Denied(_) => {
            Some("the password is that of the URL, else PGPASSWORD, else that of the password file")
        }
        DatabaseError::Unreachable(_) => Some("see that PostgreSQL runs and lets this computer in"),
        _ => None,
    }
}

fn of_another(error: &io::Error) -> Option<&'static str> {
    let is_of_another = error.kind() == io::ErrorKind::PermissionDenied;
    is_of_another.then_some("run this as the user that the server runs as")
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
