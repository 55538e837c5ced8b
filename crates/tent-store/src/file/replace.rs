//! Replacing a file as a whole.

use std::ffi::OsString;
use std::fs::{self, DirBuilder, File};
use std::io;
use std::path::{Path, PathBuf};

use tempfile::Builder;

/// The file to replace: `path`, or what it points to. Makes its folder, for its owner alone, when
/// there is none.
pub(super) fn target(path: &Path) -> io::Result<PathBuf> {
    match fs::canonicalize(path) {
        Ok(target) => Ok(target),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let mut builder = DirBuilder::new();
            builder.recursive(true);
            #[cfg(unix)]
            std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
            builder.create(folder(path))?;
            Ok(path.into())
        }
        Err(error) => Err(error),
    }
}

/// Replaces the file at `path` by what `write` writes, or leaves it as it is. Only the holder of the
/// lock may call this.
pub(super) fn replace(
    path: &Path,
    write: impl FnOnce(&mut File) -> io::Result<()>,
) -> io::Result<()> {
    let folder = folder(path);
    let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
    let mut prefix = OsString::from(".");
    prefix.push(name);
    prefix.push(".");
    remove_left_over(folder, &prefix);
    // Mode 0600 from the beginning, and removed when anything fails.
    let mut new = Builder::new()
        .prefix(&prefix)
        .suffix(SUFFIX)
        .tempfile_in(folder)?;
    write(new.as_file_mut())?;
    new.as_file().sync_all()?;
    new.persist(path).map_err(|error| error.error)?;
    sync_folder(folder);
    Ok(())
}

/// `path` with something added to its name.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

const SUFFIX: &str = ".new";

fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// A writer that was killed leaves its file, with keys in it. Nobody else is writing now, so what is
/// there is such a file. When that fails, the next writer tries again.
fn remove_left_over(folder: &Path, prefix: &OsString) {
    let prefix = prefix.as_encoded_bytes();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let name = name.as_encoded_bytes();
        if name.starts_with(prefix) && name.ends_with(SUFFIX.as_bytes()) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Makes the renaming itself survive a power cut. The new file is in place already, so a failure here
/// is none of the change.
fn sync_folder(folder: &Path) {
    #[cfg(unix)]
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
    #[cfg(not(unix))]
    let _ = folder;
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn names(folder: &Path) -> Vec<OsString> {
        let entries = fs::read_dir(folder).unwrap();
        entries.map(|entry| entry.unwrap().file_name()).collect()
    }

    #[test]
    fn a_write_that_fails_leaves_the_old_file_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("credentials.json");
        replace(&path, |file| file.write_all(b"old")).unwrap();
        let full = replace(&path, |file| {
            file.write_all(b"ne")?;
            Err(io::ErrorKind::StorageFull.into())
        });
        assert_eq!(full.unwrap_err().kind(), io::ErrorKind::StorageFull);
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(names(folder.path()), ["credentials.json"]);
    }

    #[test]
    fn what_a_killed_writer_left_is_removed_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("credentials.json");
        for name in [
            ".credentials.json.x1y2z3.new",
            ".credentials.json.mine",
            "other.new",
        ] {
            fs::write(folder.path().join(name), b"5ecret").unwrap();
        }
        replace(&path, |file| file.write_all(b"new")).unwrap();
        let mut left = names(folder.path());
        left.sort();
        assert_eq!(
            left,
            [".credentials.json.mine", "credentials.json", "other.new"]
        );
    }
}
