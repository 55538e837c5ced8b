//! The files of posts, copied and examined by their SHA-256, which is their name.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use rusqlite::Connection;
use sha2::{Digest as _, Sha256};

use super::{BackupError, make_new};
use crate::storage::attachment_folder::{self, INCOMING};
use crate::storage::sqlite::Lock;

/// Keeps servers from removing files, where a server has the folder.
pub(super) fn keep(folder: &Path) -> Option<Lock> {
    attachment_folder::keep_all(folder).ok()
}

/// Copies the files of a database to another folder.
pub(super) fn copy_all(db: &Connection, from: &Path, to: &Path) -> Result<(), BackupError> {
    let mut copied = false;
    each(db, |name| {
        if !copied && !to.exists() {
            make_new(to)?;
        }
        copied = true;
        copy(name, from, to)
    })?;
    #[cfg(unix)] // elsewhere a folder cannot be opened
    if copied {
        let synced = File::open(to).and_then(|folder| folder.sync_all());
        synced.map_err(|error| BackupError::File(to.to_owned(), error))?;
    }
    Ok(())
}

/// Tells the names of the files that posts have.
pub(super) fn each(
    db: &Connection,
    mut told: impl FnMut(&str) -> Result<(), BackupError>,
) -> Result<(), BackupError> {
    if !db.table_exists(None, "attachments")? {
        return Ok(()); // a schema before there were any
    }
    let mut query = db.prepare("SELECT DISTINCT lower(hex(digest)) FROM attachments")?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        told(row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?)?;
    }
    Ok(())
}

fn copy(name: &str, from: &Path, to: &Path) -> Result<(), BackupError> {
    let (source, target) = (from.join(name), to.join(name));
    if digest(&target).is_ok_and(|digest| digest == name) {
        return Ok(()); // it is the same folder, or an earlier copy was broken off
    }
    let failed = |error| BackupError::File(source.clone(), error);
    let mut incoming = tempfile::Builder::new();
    let mut incoming = incoming.prefix(INCOMING).tempfile_in(to).map_err(failed)?;
    let digest = File::open(&source)
        .and_then(|file| pass(file, &mut incoming))
        .map_err(failed)?;
    if digest != name {
        let damage = vec!["it is not what it was".to_owned()];
        return Err(BackupError::Damaged(source, damage));
    }
    incoming.as_file().sync_all().map_err(failed)?;
    let persisted = incoming.persist(target).map_err(|error| error.error);
    persisted.map(drop).map_err(failed)
}

/// What is wrong with a file.
pub(super) fn examine(name: &str, folder: &Path) -> Result<Option<String>, BackupError> {
    let path = folder.join(name);
    match digest(&path) {
        Ok(digest) if digest == name => Ok(None),
        Ok(_) => Ok(Some(format!("the file {name} is not what it was"))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Ok(Some(format!("the file {name} is missing")))
        }
        Err(error) => Err(BackupError::File(path, error)),
    }
}

fn digest(file: &Path) -> io::Result<String> {
    pass(File::open(file)?, &mut io::sink())
}

/// Copies all of a file; its SHA-256, in hexadecimal digits.
fn pass(mut from: File, to: &mut impl Write) -> io::Result<String> {
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let read = from.read(&mut buffer)?;
        let Some(bytes) = buffer.get(..read).filter(|bytes| !bytes.is_empty()) else {
            break;
        };
        hash.update(bytes);
        to.write_all(bytes)?;
    }
    let digest = hash.finalize();
    Ok(digest.iter().map(|byte| format!("{byte:02x}")).collect())
}
