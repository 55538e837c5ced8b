//! Where a file goes that is downloaded.

use std::fs::{self, File};
use std::io::{self, IsTerminal as _, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::failure::{Failure, Outcome};

/// Where a file goes. Under its name it is there only once it is whole, and what was there before
/// stays until then.
#[derive(Debug)]
pub(crate) enum Destination {
    /// Standard output.
    Output,
    /// A device or a pipe.
    Device(File),
    /// A file, which has another name until it is whole.
    File {
        temporary: NamedTempFile,
        path: PathBuf,
    },
}

impl Destination {
    /// The file of that name, standard output for none or `-`. A terminal must be asked for with `-`,
    /// since it obeys some of what it is sent.
    pub(crate) fn new(path: Option<&Path>) -> Result<Self, Failure> {
        match path {
            Some(path) if path == Path::new("-") => Ok(Self::Output),
            Some(path) => Self::file(path).map_err(|error| {
                Failure::local(format!("{} cannot be written", path.display()), &error)
            }),
            None if io::stdout().is_terminal() => {
                Err(Failure::usage("a terminal is no place for a file")
                    .hint("name a file with -o FILE, or insist with -o -"))
            }
            None => Ok(Self::Output),
        }
    }

    fn file(path: &Path) -> io::Result<Self> {
        let there = match fs::metadata(path) {
            Ok(there) => Some(there),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        if there.as_ref().is_some_and(|there| !there.is_file()) {
            return File::options().write(true).open(path).map(Self::Device);
        }
        // What a link points to is replaced, not the link.
        let path = match there {
            Some(_) => fs::canonicalize(path)?,
            None => path.to_owned(),
        };
        let folder = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        let mut builder = tempfile::Builder::new();
        builder.prefix(".tent-");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            // Those of any new file, and not of a secret one.
            builder.permissions(fs::Permissions::from_mode(0o666));
        }
        let temporary = builder.tempfile_in(folder.unwrap_or_else(|| Path::new(".")))?;
        if let Some(there) = there {
            fs::set_permissions(temporary.path(), there.permissions())?;
        }
        Ok(Self::File { temporary, path })
    }

    pub(crate) const fn is_output(&self) -> bool {
        matches!(self, Self::Output)
    }

    /// What the file is written to.
    pub(crate) fn writer(&self) -> io::Result<Box<dyn Write + Send>> {
        Ok(match self {
            Self::Output => Box::new(io::stdout()),
            Self::Device(file) => Box::new(file.try_clone()?),
            Self::File { temporary, .. } => Box::new(temporary.as_file().try_clone()?),
        })
    }

    /// Gives the file its name, now that it is whole.
    pub(crate) fn finish(self) -> Outcome {
        let Self::File { temporary, path } = self else {
            return Ok(());
        };
        let name = path.display().to_string();
        let stored = temporary.as_file().sync_all();
        let named = stored.and_then(|()| temporary.persist(path).map_err(|error| error.error));
        named.map_err(|error| Failure::local(format!("{name} could not be written"), &error))?;
        Ok(())
    }
}
