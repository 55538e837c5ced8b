//! Files that are sent.

use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use tent_flow::{Source, SourceChanged};
use tokio::task::spawn_blocking;

/// How much of the start of a file is kept, in bytes: enough to tell what it is.
const START: u64 = 64;

/// A file that is read while it is sent.
///
/// Its length is measured when it is opened, and announced. A file that has changed since then, or has
/// another in its place, fails the request with [`SourceChanged`], before the server has all of it.
///
/// ```
/// # let name = format!("tent-file-source-async-{}", std::process::id());
/// # let path = std::env::temp_dir().join(name);
/// # std::fs::write(&path, b"\x89PNG\r\n\x1a\n")?;
/// use tent_async::FileSource;
/// use tent_flow::{Body, Source};
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let file = FileSource::open(&path).await?;
/// assert!(file.start().starts_with(b"\x89PNG"));
/// assert_eq!(Body::from_source(file).len(), 8);
/// # std::fs::remove_file(&path)?;
/// # Ok::<(), std::io::Error>(())
/// # })?;
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct FileSource {
    path: PathBuf,
    measured: Measured,
    start: Vec<u8>,
}

impl FileSource {
    /// Measures a file.
    ///
    /// # Errors
    ///
    /// When it cannot be read, or has no length, such as a folder or a pipe.
    pub async fn open(path: impl Into<PathBuf>) -> io::Result<Self> {
        let path = path.into();
        let measured = spawn_blocking(move || Self::measure(path));
        measured.await.map_err(io::Error::other)?
    }

    fn measure(path: PathBuf) -> io::Result<Self> {
        // Opening a pipe would wait for somebody to write to it.
        if !fs::metadata(&path)?.is_file() {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "it is no file that has a length",
            ));
        }
        let file = File::open(&path)?;
        let measured = Measured::of(&file.metadata()?);
        let mut start = Vec::new();
        file.take(START).read_to_end(&mut start)?;
        Ok(Self {
            path,
            measured,
            start,
        })
    }

    /// How many bytes it has.
    pub const fn len(&self) -> u64 {
        self.measured.len
    }

    /// Whether it has no bytes.
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Source for FileSource {
    fn len(&self) -> u64 {
        self.measured.len
    }

    fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        let file = File::open(&self.path)?;
        self.measured.check(&Measured::of(&file.metadata()?))?;
        Ok(Box::new(Reading {
            file,
            left: self.measured.len,
            source: self.clone(),
        }))
    }

    fn start(&self) -> &[u8] {
        &self.start
    }
}

/// What a file was when it was measured.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Measured {
    len: u64,
    modified: Option<SystemTime>,
    /// Device and inode.
    #[cfg(unix)]
    identity: (u64, u64),
}

impl Measured {
    fn of(metadata: &Metadata) -> Self {
        #[cfg(unix)]
        use std::os::unix::fs::MetadataExt as _;
        Self {
            len: metadata.len(),
            modified: metadata.modified().ok(),
            #[cfg(unix)]
            identity: (metadata.dev(), metadata.ino()),
        }
    }

    /// Refuses what is no longer the same.
    fn check(&self, now: &Self) -> Result<(), SourceChanged> {
        if now.len > self.len {
            Err(SourceChanged::Longer)
        } else if now.len < self.len {
            let missing = self.len - now.len;
            Err(SourceChanged::Shorter { missing })
        } else if now != self {
            Err(SourceChanged::Replaced)
        } else {
            Ok(())
        }
    }
}

/// A file on its way. At its end it is looked at once more, by its name.
struct Reading {
    file: File,
    left: u64,
    source: FileSource,
}

impl Read for Reading {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        if read == 0 && self.left == 0 && !buffer.is_empty() {
            let now = fs::metadata(&self.source.path).map_err(|_| SourceChanged::Replaced)?;
            self.source.measured.check(&Measured::of(&now))?;
        }
        self.left = self.left.saturating_sub(read as u64);
        Ok(read)
    }
}
