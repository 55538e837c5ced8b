//! What is sent: bytes at hand, and sources that are read while sending.

mod announced;

use std::fmt;
use std::io::{self, Read};
use std::sync::Arc;

use bytes::Bytes;

use self::announced::Announced;
pub use self::announced::SourceChanged;
use crate::{OnProgress, Progress};

/// The body of a request: segments of known length, one after the other.
#[derive(Clone, Default)]
pub struct Body {
    segments: Segments,
    progress: Option<OnProgress>,
}

#[derive(Clone, Default)]
enum Segments {
    #[default]
    None,
    /// The usual body costs no list.
    One(Segment),
    Many(Vec<Segment>),
}

/// A piece of a body.
#[derive(Clone)]
#[non_exhaustive]
pub enum Segment {
    /// Bytes at hand.
    Bytes(Bytes),
    /// Bytes that are read while they are sent.
    Source(Arc<dyn Source>),
}

/// Bytes that are read while they are sent, such as a file. It can be opened more than once, so that
/// a request can be sent again, to another server for instance.
pub trait Source: Send + Sync {
    /// How many bytes it holds. They are announced before the first is read.
    fn len(&self) -> u64;

    /// Whether it holds no bytes.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Starts reading from the beginning.
    ///
    /// # Errors
    ///
    /// Whatever keeps it from being read; the request then fails with
    /// [`TransportErrorKind::Source`](crate::TransportErrorKind::Source).
    fn open(&self) -> io::Result<Box<dyn Read + Send>>;

    /// Its first bytes, as far as they are at hand without reading: they may tell what it is.
    fn start(&self) -> &[u8] {
        &[]
    }
}

impl Body {
    /// No body at all.
    pub const fn empty() -> Self {
        Self::of(Segments::None)
    }

    const fn of(segments: Segments) -> Self {
        Self {
            segments,
            progress: None,
        }
    }

    /// A body of several segments.
    pub fn from_segments(segments: Vec<Segment>) -> Self {
        Self::of(Segments::Many(segments))
    }

    /// A body that is read while it is sent.
    pub fn from_source(source: impl Source + 'static) -> Self {
        Self::of(Segments::One(Segment::Source(Arc::new(source))))
    }

    /// Has somebody told how far it has been sent: once at the start of each attempt, and after each
    /// piece. The total is its length.
    ///
    /// ```
    /// use std::io::Read;
    /// use std::sync::mpsc;
    /// use tent_flow::{Body, OnProgress};
    ///
    /// let (tell, told) = mpsc::channel();
    /// let body = Body::from("hello").with_progress(OnProgress::new(move |progress| {
    ///     let _ = tell.send((progress.bytes, progress.total));
    /// }));
    ///
    /// // What a driver does to send it.
    /// body.reader().read_to_end(&mut Vec::new())?;
    /// assert_eq!(told.try_iter().collect::<Vec<_>>(), [(0, Some(5)), (5, Some(5))]);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn with_progress(mut self, progress: OnProgress) -> Self {
        self.progress = Some(progress);
        self
    }

    /// The segments, in order.
    pub fn segments(&self) -> &[Segment] {
        match &self.segments {
            Segments::None => &[],
            Segments::One(segment) => std::slice::from_ref(segment),
            Segments::Many(segments) => segments,
        }
    }

    /// How many bytes it holds.
    pub fn len(&self) -> u64 {
        self.segments()
            .iter()
            .map(Segment::len)
            .fold(0, u64::saturating_add)
    }

    /// Whether it holds no bytes.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All of it, when it is at hand in one piece, and nobody is told how far it has got.
    pub fn as_bytes(&self) -> Option<&Bytes> {
        match self.segments() {
            [Segment::Bytes(bytes)] if self.progress.is_none() => Some(bytes),
            _ => None,
        }
    }

    /// All of it, when it is at hand in one piece; else the body again.
    ///
    /// # Errors
    ///
    /// The body, when it is empty, has sources, is in pieces, or somebody is told how far it has got.
    pub fn into_bytes(self) -> Result<Bytes, Self> {
        match self {
            Self {
                segments: Segments::One(Segment::Bytes(bytes)),
                progress: None,
            } => Ok(bytes),
            other => Err(other),
        }
    }

    /// Reads it from the beginning. Each source is opened when its turn comes, and must give just
    /// the bytes it announced: more or fewer are an error, since they would be taken for the next
    /// request or keep the server waiting.
    pub fn reader(&self) -> BodyReader {
        let start = Progress::start(Some(self.len()));
        if let Some(progress) = &self.progress {
            progress.tell(start);
        }
        BodyReader {
            segments: self.segments().to_vec().into_iter(),
            current: Current::Between,
            progress: self.progress.clone().map(|told| (told, start)),
        }
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        Self::of(Segments::One(Segment::Bytes(bytes)))
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Bytes::from(bytes).into()
    }
}

impl From<String> for Body {
    fn from(text: String) -> Self {
        text.into_bytes().into()
    }
}

impl From<&'static str> for Body {
    fn from(text: &'static str) -> Self {
        Bytes::from_static(text.as_bytes()).into()
    }
}

impl Segment {
    /// How many bytes it holds.
    pub fn len(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::Source(source) => source.len(),
        }
    }

    /// Whether it holds no bytes.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Body").field(&self.segments()).finish()
    }
}

impl fmt::Debug for Segment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes(bytes) => write!(f, "Bytes({} bytes)", bytes.len()),
            Self::Source(source) => write!(f, "Source({} bytes)", source.len()),
        }
    }
}

/// Reads a [`Body`] from beginning to end.
pub struct BodyReader {
    segments: std::vec::IntoIter<Segment>,
    current: Current,
    progress: Option<(OnProgress, Progress)>,
}

enum Current {
    Between,
    Bytes(Bytes),
    Source(Announced),
}

impl BodyReader {
    /// The next bytes, at most `most` of them and at least one; none at the end. Bytes at hand are
    /// not copied.
    ///
    /// # Errors
    ///
    /// When a source cannot be opened or read, or does not hold what it announced.
    pub fn next_chunk(&mut self, most: usize) -> io::Result<Option<Bytes>> {
        let most = most.max(1);
        if !self.advance()? {
            return Ok(None);
        }
        let chunk = match &mut self.current {
            Current::Between => return Ok(None),
            Current::Bytes(bytes) => bytes.split_to(most.min(bytes.len())),
            Current::Source(source) => {
                let room = most.min(64 * 1024) as u64;
                let mut chunk = vec![0; room.min(source.left()) as usize];
                let read = source.read(&mut chunk)?;
                chunk.truncate(read);
                chunk.into()
            }
        };
        self.passed(chunk.len());
        Ok(Some(chunk))
    }

    fn passed(&mut self, bytes: usize) {
        if let Some((told, progress)) = &mut self.progress {
            *progress = progress.and(bytes);
            told.tell(*progress);
        }
    }

    /// Goes on to the next segment when the current one is used up. Says whether there are bytes.
    fn advance(&mut self) -> io::Result<bool> {
        loop {
            match &self.current {
                Current::Bytes(bytes) if !bytes.is_empty() => return Ok(true),
                Current::Source(source) if source.left() > 0 => return Ok(true),
                _ => {}
            }
            self.current = match self.segments.next() {
                None => return Ok(false),
                Some(Segment::Bytes(bytes)) => Current::Bytes(bytes),
                Some(Segment::Source(source)) => Current::Source(Announced::open(&*source)?),
            };
        }
    }
}

impl Read for BodyReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() || !self.advance()? {
            return Ok(0);
        }
        let read = match &mut self.current {
            Current::Between => 0,
            Current::Bytes(bytes) => {
                let chunk = bytes.split_to(buffer.len().min(bytes.len()));
                buffer[..chunk.len()].copy_from_slice(&chunk);
                chunk.len()
            }
            Current::Source(source) => source.read(buffer)?,
        };
        self.passed(read);
        Ok(read)
    }
}

impl fmt::Debug for BodyReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BodyReader").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
