//! `tent admin backup`, `restore`, `check` and `move`.

use std::future::Future;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;
use tent_proto::Secret;
use tent_server::{BackupError, DatabaseError, DatabasePlace};
use tokio::runtime::Runtime;

use super::done;
use crate::data::{self, Data};
use crate::exit::Exit;
use crate::failure::{Failure, Outcome, Stop};
use crate::output;

/// From where to where, of a server that is stopped.
#[derive(Debug, Args)]
pub(super) struct Move {
    /// Where everything is: a data folder, or the URL of a PostgreSQL database
    #[arg(long, value_name = "DIR|URL")]
    from: String,
    /// Where it shall be, which must be empty
    #[arg(long, value_name = "DIR|URL")]
    to: String,
    /// The folder that the files of posts are in, if it is not the usual one
    #[arg(long, value_name = "DIR")]
    from_attachments: Option<PathBuf>,
    /// The folder that the files of posts shall be in, if it is not the usual one
    #[arg(long, value_name = "DIR")]
    to_attachments: Option<PathBuf>,
}

pub(super) fn back_up(place: &DatabasePlace, to: &Path, json: bool) -> Outcome {
    finish(place.back_up(to), "there is no backup")?;
    done("backed up to", &to.display(), json)
}

pub(super) fn restore(place: &DatabasePlace, from: &Path, json: bool) -> Outcome {
    finish(place.restore(from), "the backup was not restored")?;
    done("restored", &from.display(), json)
}

pub(super) fn check(place: &DatabasePlace, json: bool) -> Outcome {
    let damage = finish(place.examine(), "the data could not be examined")?;
    if json {
        output::json(&json!({ "damage": damage }))?;
    } else if damage.is_empty() {
        output::line("no damage")?;
    } else {
        damage.iter().try_for_each(|line| output::line(line))?;
    }
    if damage.is_empty() {
        Ok(())
    } else {
        Err(Stop::Silently(Exit::Refused))
    }
}

impl Move {
    pub(super) fn run(self, data: &Data, json: bool) -> Outcome {
        let from = place(&self.from, self.from_attachments, data)?;
        let to = place(&self.to, self.to_attachments, data)?;
        if !is_url(&self.to) {
            data::make(Path::new(&self.to))?;
        }
        finish(from.copy_to(&to), "it was not moved")?;
        // A URL may hold a password.
        let to = if is_url(&self.to) {
            "PostgreSQL"
        } else {
            &self.to
        };
        done("moved to", &to, json)
    }
}

fn is_url(place: &str) -> bool {
    place.starts_with("postgres://") || place.starts_with("postgresql://")
}

fn place(named: &str, attachments: Option<PathBuf>, data: &Data) -> Outcome<DatabasePlace> {
    if is_url(named) {
        let database = Some(Secret::new(named));
        return Ok(Data::at(None, database, attachments).place(&data.folder()?));
    }
    Ok(Data::at(None, None, attachments).place(Path::new(named)))
}

fn finish<T>(work: impl Future<Output = Result<T, BackupError>>, what: &str) -> Outcome<T> {
    let runtime =
        Runtime::new().map_err(|error| Failure::local("nothing could be started", &error))?;
    let done = runtime.block_on(work);
    Ok(done.map_err(|error| failed(what, &error))?)
}

fn failed(what: &str, error: &BackupError) -> Failure {
    let advice = match error {
        BackupError::Missing(_) => Some("name the folder that it is in"),
        BackupError::NotOurs => Some("--database names the one that a server uses"),
        BackupError::Exists(_) => Some("name a folder that there is not yet"),
        BackupError::NotEmpty => Some("name an empty database"),
        BackupError::Database(error) => data::advice(error),
        _ => None,
    };
    let exit = match error {
        BackupError::Database(DatabaseError::Config(_)) => Exit::Usage,
        _ => Exit::Local,
    };
    Failure::new(exit, what).because(error).maybe(advice)
}
