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
    Source {
        reader: Box<dyn Read + Send>,
        left: u64,
    },
}

impl BodyReader {
    /// The next bytes, at most `most` of them; none at the end. Bytes at hand are not copied.
    ///
    /// # Errors
    ///
    /// When a source cannot be opened or read, or does not hold what it announced.
    pub fn next_chunk(&mut self, most: usize) -> io::Result<Option<Bytes>> {
        loop {
            match &mut self.current {
                Current::Between => match self.segments.next() {
                    None => return Ok(None),
                    Some(Segment::Bytes(bytes)) => self.current = Current::Bytes(bytes),
                    Some(Segment::Source(source)) => {
                        self.current = Current::Source {
                            reader: source.open()?,
                            left: source.len(),
                        };
                    }
                },
                Current::Bytes(bytes) if bytes.is_empty() => self.current = Current::Between,
                Current::Bytes(bytes) => return Ok(Some(bytes.split_to(most.min(bytes.len())))),
                Current::Source { reader, left } => {
                    let mut chunk = vec![0; most.min(64 * 1024)];
                    let read = read_some(reader, &mut chunk)?;
                    if read == 0 {
                        end_of_source(*left)?;
                        self.current = Current::Between;
                        continue;
                    }
                    *left = left.checked_sub(read as u64).ok_or_else(too_long)?;
                    chunk.truncate(read);
                    return Ok(Some(chunk.into()));
                }
            }
        }
    }
}

impl Read for BodyReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            if let Current::Source { reader, left } = &mut self.current {
                let read = read_some(reader, buffer)?;
                if read > 0 {
                    *left = left.checked_sub(read as u64).ok_or_else(too_long)?;
                    return Ok(read);
                }
                end_of_source(*left)?;
                self.current = Current::Between;
            } else if let Current::Bytes(bytes) = &mut self.current
                && !bytes.is_empty()
            {
                let chunk = bytes.split_to(buffer.len().min(bytes.len()));
                buffer[..chunk.len()].copy_from_slice(&chunk);
                return Ok(chunk.len());
            } else {
                match self.segments.next() {
                    None => return Ok(0),
                    Some(Segment::Bytes(bytes)) => self.current = Current::Bytes(bytes),
                    Some(Segment::Source(source)) => {
                        self.current = Current::Source {
                            reader: source.open()?,
                            left: source.len(),
                        };
                    }
                }
            }
        }
    }
}

impl fmt::Debug for BodyReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BodyReader").finish_non_exhaustive()
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

fn end_of_source(left: u64) -> io::Result<()> {
    if left == 0 {
        return Ok(());
    }
    Err(io::Error::new(
        io::ErrorKind::UnexpectedEof,
        format!("the source ended {left} bytes before the length it had announced"),
    ))
}

fn too_long() -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        "the source holds more bytes than the length it had announced",
    )
}
