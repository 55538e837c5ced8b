//! The files of attachments: a folder in which each stands under the SHA-256 of its content.
//!
//! A file comes under another name, is made durable, and then takes its own. It is removed once no
//! post has it: [`condemn`](AttachmentFolder::condemn), ask the database, and
//! [`remove`](AttachmentFolder::remove). One that somebody is about to store again in between is
//! [held](KeptFile), and stays.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, DirBuilder, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, SystemTime};

use sha2::{Digest as _, Sha256};
use tempfile::{NamedTempFile, TempDir};

use super::DatabaseError;
use super::attachment::Digest;
use super::sqlite::Lock;

/// How old a file is that nobody can be about to give to a post, where others may: longer than any
/// request takes.
const GRACE: Duration = Duration::from_secs(24 * 60 * 60);

/// How the names of files begin that have not come as a whole.
pub(super) const INCOMING: &str = "incoming-";

/// What the names of files have in the end that are looked at once more before they go.
const ASIDE: &str = "aside";

/// What the lock is called that whoever copies the files of a folder has on it.
const COPYING: &str = "copying";

#[derive(Debug)]
pub(crate) struct AttachmentFolder {
    place: Place,
    files: Mutex<Files>,
    /// One sweep at a time, or one would remove what the other has just been told to leave.
    pub(crate) sweeping: tokio::sync::Mutex<()>,
}

#[derive(Debug)]
enum Place {
    Kept {
        folder: PathBuf,
        _lock: Lock,
    },
    /// Other servers have it, too.
    Shared(PathBuf),
    /// Made when it is first needed, and gone with the server.
    Temporary(OnceLock<TempDir>),
}

#[derive(Debug, Default)]
struct Files {
    /// Those that must not be removed, and how many want that.
    held: BTreeMap<Digest, usize>,
    /// Those that were held, and that no post may have.
    loose: BTreeSet<Digest>,
    /// Those that are to be removed, unless they are held once more.
    condemned: BTreeSet<Digest>,
}

/// A file on its way into the folder. Dropped before it is kept, it leaves nothing.
#[derive(Debug)]
pub(crate) struct NewFile {
    file: NamedTempFile,
    hash: Sha256,
    size: u64,
}

/// A file in the folder, which stays there at least as long as this.
#[derive(Debug)]
pub(crate) struct KeptFile {
    folder: Arc<AttachmentFolder>,
    digest: Digest,
}

impl AttachmentFolder {
    /// Opens a folder, which is made, for its owner alone, when it is not there. What had not come as
    /// a whole is gone. A lock keeps a second server away.
    pub(crate) fn open(folder: PathBuf) -> io::Result<Self> {
        make(&folder)?;
        let lock = Lock::take(&folder.join("files")).map_err(io::Error::other)?;
        make_lock(&folder)?;
        for name in names(&folder)? {
            if name.starts_with(INCOMING) {
                fs::remove_file(folder.join(name))?;
            }
        }
        Ok(Self::new(Place::Kept {
            folder,
            _lock: lock,
        }))
    }

    /// Opens a folder that several servers use at once. Files go later than in one's own: not before
    /// they are so old that nobody can be about to give one to a post.
    pub(crate) fn open_shared(folder: PathBuf) -> io::Result<Self> {
        make(&folder)?;
        let alone = make_lock(&folder)?;
        for name in names(&folder)? {
            let path = folder.join(&name);
            if name.starts_with(INCOMING) && is_old(&path)? {
                remove(&path)?;
            } else if alone.is_some() && path.extension().is_some_and(|end| end == ASIDE) {
                put_back(&path)?; // whoever was removing it has died
            }
        }
        Ok(Self::new(Place::Shared(folder)))
    }

    /// A folder that is gone with the last who uses it.
    pub(crate) fn temporary() -> Self {
        Self::new(Place::Temporary(OnceLock::new()))
    }

    fn new(place: Place) -> Self {
        Self {
            place,
            files: Mutex::default(),
            sweeping: tokio::sync::Mutex::default(),
        }
    }

    fn path(&self) -> io::Result<&Path> {
        let made = match &self.place {
            Place::Kept { folder, .. } | Place::Shared(folder) => return Ok(folder),
            Place::Temporary(made) => made,
        };
        if let Some(folder) = made.get() {
            return Ok(folder.path());
        }
        let folder = tempfile::Builder::new().prefix("tent-").tempdir()?;
        Ok(made.get_or_init(|| folder).path())
    }

    fn files(&self) -> MutexGuard<'_, Files> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins a file.
    pub(crate) fn create(&self) -> io::Result<NewFile> {
        let mut builder = tempfile::Builder::new();
        let file = builder.prefix(INCOMING).tempfile_in(self.path()?)?;
        Ok(NewFile {
            file,
            hash: Sha256::new(),
            size: 0,
        })
    }

    /// Takes files in. When this returns they are durable.
    pub(crate) fn keep(self: &Arc<Self>, files: Vec<NewFile>) -> io::Result<Vec<KeptFile>> {
        let mut kept = Vec::with_capacity(files.len());
        for NewFile { file, hash, .. } in files {
            if let Place::Shared(_) = self.place {
                file.as_file().set_modified(SystemTime::now())?;
            }
            file.as_file().sync_all()?;
            // Held before it has its name, lest a sweep that saw the name takes it away.
            let held = self.hold(Digest(hash.finalize().into()));
            file.persist(self.path()?.join(held.digest.to_string()))
                .map_err(|error| error.error)?;
            kept.push(held);
        }
        #[cfg(unix)] // elsewhere a folder cannot be opened
        File::open(self.path()?)?.sync_all()?;
        Ok(kept)
    }

    fn hold(self: &Arc<Self>, digest: Digest) -> KeptFile {
        let mut files = self.files();
        *files.held.entry(digest).or_default() += 1;
        files.condemned.remove(&digest);
        KeptFile {
            folder: Arc::clone(self),
            digest,
        }
    }

    pub(crate) fn read(&self, digest: Digest) -> io::Result<File> {
        File::open(self.path()?.join(digest.to_string()))
    }

    /// All files that there are.
    pub(crate) fn digests(&self) -> io::Result<Vec<Digest>> {
        let names = names(self.path()?)?;
        Ok(names
            .iter()
            .filter_map(|name| Digest::parse(name))
            .collect())
    }

    /// The files that were held since this was last asked, and that no post may have.
    pub(crate) fn take_loose(&self) -> Vec<Digest> {
        std::mem::take(&mut self.files().loose)
            .into_iter()
            .collect()
    }

    /// Marks files to be removed; which of them nobody holds.
    pub(crate) fn condemn(&self, digests: Vec<Digest>) -> Vec<Digest> {
        let mut files = self.files();
        let mut digests = digests;
        digests.retain(|digest| !files.held.contains_key(digest));
        files.condemned.extend(&digests);
        digests
    }

    /// Removes files that were condemned and that nobody has held since. All others are spared, and
    /// while the folder is copied all are; those are loose again.
    pub(crate) fn remove(&self, digests: &[Digest]) -> io::Result<()> {
        let mut files = self.files();
        let condemned = std::mem::take(&mut files.condemned);
        let alone = match &self.place {
            Place::Kept { folder, .. } | Place::Shared(folder) => {
                Some(Lock::take(&folder.join(COPYING)))
            }
            Place::Temporary(_) => None,
        };
        if let Some(Err(error)) = alone {
            files.loose.extend(condemned);
            return match error {
                DatabaseError::InUse(_) => Ok(()),
                error => Err(io::Error::other(error)),
            };
        }
        for digest in digests.iter().filter(|digest| condemned.contains(digest)) {
            let path = self.path()?.join(digest.to_string());
            match self.place {
                Place::Shared(_) if !remove_old(&path)? => drop(files.loose.insert(*digest)),
                Place::Shared(_) => {}
                // Under the lock, so that nobody can think in the meantime that it is there.
                Place::Kept { .. } | Place::Temporary(_) => remove(&path)?,
            }
        }
        Ok(())
    }
}

/// Lets [`keep_all`] be, as long as a server has the folder. None while files are copied or removed.
fn make_lock(folder: &Path) -> io::Result<Option<Lock>> {
    match Lock::take(&folder.join(COPYING)) {
        Ok(alone) => Ok(Some(alone)),
        Err(DatabaseError::InUse(_)) => Ok(None),
        Err(error) => Err(io::Error::other(error)),
    }
}

/// Keeps all files that are in a folder there, as long as they are copied. That is for a folder that a
/// server has or had.
pub(super) fn keep_all(folder: &Path) -> io::Result<Lock> {
    Lock::share(&folder.join(COPYING))
}

/// Makes a folder for its owner alone.
fn make(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn remove(file: &Path) -> io::Result<()> {
    match fs::remove_file(file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

/// Whether nobody can be about to give this file to a post.
fn is_old(file: &Path) -> io::Result<bool> {
    match fs::metadata(file).and_then(|file| file.modified()) {
        Ok(modified) => Ok(modified.elapsed().is_ok_and(|age| age > GRACE)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(error) => Err(error),
    }
}

/// Removes a file if it is old. It is put aside first: one that somebody else keeps in that moment is
/// not the one that is looked at, or is put back.
fn remove_old(file: &Path) -> io::Result<bool> {
    if !is_old(file)? {
        return Ok(false);
    }
    let aside = file.with_extension(ASIDE);
    match fs::rename(file, &aside) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(true),
        renamed => renamed?,
    }
    let is_old = is_old(&aside)?;
    if is_old {
        remove(&aside)?;
    } else {
        put_back(&aside)?;
    }
    Ok(is_old)
}

/// Gives a file that was put aside its name again, unless there is such a file.
fn put_back(aside: &Path) -> io::Result<()> {
    let file = aside.with_extension("");
    match file.try_exists()? {
        true => remove(aside),
        false => fs::rename(aside, file),
    }
}

fn names(folder: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        names.extend(entry?.file_name().into_string());
    }
    Ok(names)
}

impl NewFile {
    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.hash.update(bytes);
        self.size += bytes.len() as u64;
        self.file.write_all(bytes)
    }

    /// How many bytes have come.
    pub(crate) const fn size(&self) -> u64 {
        self.size
    }
}

impl KeptFile {
    pub(crate) const fn digest(&self) -> Digest {
        self.digest
    }
}

impl Drop for KeptFile {
    fn drop(&mut self) {
        let mut files = self.folder.files();
        let Some(held) = files.held.get_mut(&self.digest) else {
            return;
        };
        *held -= 1;
        if *held == 0 {
            files.held.remove(&self.digest);
            files.loose.insert(self.digest);
        }
    }
}

#[cfg(test)]
mod tests;
