//! What is sent: bytes at hand, and sources that are read while sending.

use std::fmt;
use std::io::{self, Read};
use std::sync::Arc;

use bytes::Bytes;

/// The body of a request: segments of known length, one after the other.
#[derive(Debug, Clone, Default)]
pub struct Body(Segments);

#[derive(Debug, Clone, Default)]
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
}

impl Body {
    /// No body at all.
    pub const fn empty() -> Self {
        Self(Segments::None)
    }

    /// A body of several segments.
    pub fn from_segments(segments: Vec<Segment>) -> Self {
        Self(Segments::Many(segments))
    }

    /// A body that is read while it is sent.
    pub fn from_source(source: impl Source + 'static) -> Self {
        Self(Segments::One(Segment::Source(Arc::new(source))))
    }

    /// The segments, in order.
    pub fn segments(&self) -> &[Segment] {
        match &self.0 {
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

    /// All of it, when it is at hand in one piece.
    pub fn as_bytes(&self) -> Option<&Bytes> {
        match self.segments() {
            [Segment::Bytes(bytes)] => Some(bytes),
            _ => None,
        }
    }

    /// All of it, when it is at hand in one piece; else the body again.
    ///
    /// # Errors
    ///
    /// The body, when it is empty, has sources, or is in pieces.
    pub fn into_bytes(self) -> Result<Bytes, Self> {
        match self.0 {
            Segments::One(Segment::Bytes(bytes)) => Ok(bytes),
            other => Err(Self(other)),
        }
    }

    /// Reads it from the beginning. Each source is opened when its turn comes, and must give just
    /// the bytes it announced: more or fewer are an error, since they would be taken for the next
    /// request or keep the server waiting.
    pub fn reader(&self) -> BodyReader {
        BodyReader {
            segments: self.segments().to_vec().into_iter(),
            current: Current::Between,
        }
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        Self(Segments::One(Segment::Bytes(bytes)))
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
        while self.advance()? {
            match &mut self.current {
                Current::Between => {}
                Current::Bytes(bytes) => return Ok(Some(bytes.split_to(most.min(bytes.len())))),
                Current::Source(source) => {
                    let room = most.min(64 * 1024) as u64;
                    let mut chunk = vec![0; room.min(source.left) as usize];
                    let read = source.read(&mut chunk)?;
                    chunk.truncate(read);
                    return Ok(Some(chunk.into()));
                }
            }
        }
        Ok(None)
    }

    /// Goes on to the next segment when the current one is used up. Says whether there are bytes.
    fn advance(&mut self) -> io::Result<bool> {
        loop {
            match &self.current {
                Current::Bytes(bytes) if !bytes.is_empty() => return Ok(true),
                Current::Source(source) if source.left > 0 => return Ok(true),
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
        match &mut self.current {
            Current::Between => Ok(0),
            Current::Bytes(bytes) => {
                let chunk = bytes.split_to(buffer.len().min(bytes.len()));
                buffer[..chunk.len()].copy_from_slice(&chunk);
                Ok(chunk.len())
            }
            Current::Source(source) => source.read(buffer),
        }
    }
}

impl fmt::Debug for BodyReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BodyReader").finish_non_exhaustive()
    }
}

/// A source that is held to its word: it gives just the bytes it announced.
struct Announced {
    reader: Box<dyn Read + Send>,
    left: u64,
}

impl Announced {
    fn open(source: &dyn Source) -> io::Result<Self> {
        let mut opened = Self {
            reader: source.open()?,
            left: source.len(),
        };
        opened.expect_end()?;
        Ok(opened)
    }

    /// Reads at least one byte. The last bytes are given only once it is sure that none follow, so
    /// that a request is never complete when its source was wrong.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let room = self.left.min(buffer.len() as u64) as usize;
        let read = read_some(&mut self.reader, &mut buffer[..room])?;
        if read == 0 {
            return Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                format!(
                    "the source ended {} bytes before the length it had announced",
                    self.left
                ),
            ));
        }
        self.left -= read as u64;
        self.expect_end()?;
        Ok(read)
    }

    fn expect_end(&mut self) -> io::Result<()> {
        if self.left == 0 && read_some(&mut self.reader, &mut [0])? > 0 {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "the source holds more bytes than the length it had announced",
            ));
        }
        Ok(())
    }
}

fn read_some(reader: &mut dyn Read, buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        match reader.read(buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}

#[cfg(test)]
mod tests;
