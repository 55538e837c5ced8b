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
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use proptest::prelude::*;

    use super::*;

    /// Announces one length, holds some bytes, and gives them in small pieces.
    struct Claim {
        announced: u64,
        holds: Vec<u8>,
        piece: usize,
        opened: Arc<AtomicUsize>,
    }

    impl Claim {
        fn new(announced: usize, holds: &[u8]) -> Self {
            Self {
                announced: announced as u64,
                holds: holds.to_vec(),
                piece: 7,
                opened: Arc::default(),
            }
        }
    }

    impl Source for Claim {
        fn len(&self) -> u64 {
            self.announced
        }

        fn open(&self) -> io::Result<Box<dyn Read + Send>> {
            self.opened.fetch_add(1, Ordering::Relaxed);
            Ok(Box::new(Pieces(self.holds.clone().into(), self.piece)))
        }
    }

    /// Gives its bytes in pieces, and is interrupted before each.
    struct Pieces(std::collections::VecDeque<u8>, usize);

    impl Read for Pieces {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.1 ^= 1 << 20;
            if self.1 >= 1 << 20 {
                return Err(io::ErrorKind::Interrupted.into());
            }
            let most = buffer.len().min(self.1);
            self.0.read(&mut buffer[..most])
        }
    }

    fn body_of(pieces: &[(bool, Vec<u8>)]) -> Body {
        let segments = pieces.iter().map(|(source, bytes)| {
            if *source {
                Segment::Source(Arc::new(Claim::new(bytes.len(), bytes)))
            } else {
                Segment::Bytes(bytes.clone().into())
            }
        });
        Body::from_segments(segments.collect())
    }

    fn read_to_end(body: &Body) -> io::Result<Vec<u8>> {
        let mut all = Vec::new();
        body.reader().read_to_end(&mut all).map(|_| all)
    }

    fn chunks(body: &Body, most: usize) -> io::Result<Vec<Bytes>> {
        let mut reader = body.reader();
        std::iter::from_fn(|| reader.next_chunk(most).transpose()).collect()
    }

    proptest! {
        #[test]
        fn any_way_of_reading_gives_the_segments_in_order(
            pieces in proptest::collection::vec(
                (any::<bool>(), proptest::collection::vec(any::<u8>(), 0..40)), 0..5),
            turns in proptest::collection::vec((any::<bool>(), 0_usize..50), 1..8),
        ) {
            let body = body_of(&pieces);
            let whole: Vec<u8> = pieces.iter().flat_map(|(_, bytes)| bytes.clone()).collect();
            prop_assert_eq!(body.len(), whole.len() as u64);

            let mut read = Vec::new();
            let mut reader = body.reader();
            for (by_chunk, most) in turns.iter().cycle() {
                let before = read.len();
                if *by_chunk {
                    match reader.next_chunk(*most).unwrap() {
                        None => break,
                        Some(chunk) => {
                            prop_assert!((1..=*most.max(&1)).contains(&chunk.len()));
                            read.extend_from_slice(&chunk);
                        }
                    }
                } else {
                    let mut buffer = vec![0; most + 1];
                    let count = reader.read(&mut buffer).unwrap();
                    read.extend_from_slice(&buffer[..count]);
                    if read.len() == before {
                        break;
                    }
                }
            }
            prop_assert_eq!(read, whole);
            prop_assert!(reader.next_chunk(1).unwrap().is_none());
            prop_assert_eq!(reader.read(&mut [0]).unwrap(), 0);
        }

        #[test]
        fn a_source_that_is_not_as_long_as_it_says_is_an_error(
            holds in 0_usize..40,
            announced in 0_usize..40,
            most in 1_usize..50,
        ) {
            let body = Body::from_source(Claim::new(announced, &vec![1; holds]));
            let expected = match holds.cmp(&announced) {
                std::cmp::Ordering::Equal => None,
                std::cmp::Ordering::Less => Some(io::ErrorKind::UnexpectedEof),
                std::cmp::Ordering::Greater => Some(io::ErrorKind::InvalidData),
            };
            prop_assert_eq!(read_to_end(&body).err().map(|error| error.kind()), expected);
            prop_assert_eq!(chunks(&body, most).err().map(|error| error.kind()), expected);
        }
    }

    #[test]
    fn a_wrong_source_never_completes_its_request() {
        let body = Body::from_source(Claim::new(5, b"123456"));
        let mut reader = body.reader();
        assert_eq!(reader.read(&mut [0; 4]).unwrap(), 4);
        assert!(reader.read(&mut [0; 4]).is_err());
    }

    #[test]
    fn a_source_is_opened_by_each_reader_when_its_turn_comes() {
        let source = Claim::new(3, b"abc");
        let opened = source.opened.clone();
        let body = Body::from_segments(vec![
            Segment::Bytes("before ".into()),
            Segment::Source(Arc::new(source)),
        ]);
        let mut reader = body.reader();
        assert_eq!(reader.next_chunk(99).unwrap().unwrap(), "before ");
        assert_eq!(opened.load(Ordering::Relaxed), 0);
        assert_eq!(reader.next_chunk(99).unwrap().unwrap(), "abc");
        assert_eq!(read_to_end(&body).unwrap(), b"before abc");
        assert_eq!(read_to_end(&body.clone()).unwrap(), b"before abc");
        assert_eq!(opened.load(Ordering::Relaxed), 3);
    }

    #[test]
    fn a_source_that_does_not_open_is_an_error() {
        struct Missing;
        impl Source for Missing {
            fn len(&self) -> u64 {
                1
            }
            fn open(&self) -> io::Result<Box<dyn Read + Send>> {
                Err(io::ErrorKind::NotFound.into())
            }
        }
        let error = read_to_end(&Body::from_source(Missing)).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
    }

    #[test]
    fn bytes_at_hand_are_not_copied() {
        let bytes = Bytes::from_static(b"at hand");
        let body = Body::from(bytes.clone());
        assert_eq!(body.as_bytes().unwrap().as_ptr(), bytes.as_ptr());
        let chunk = body.reader().next_chunk(100).unwrap().unwrap();
        assert_eq!(chunk.as_ptr(), bytes.as_ptr());
        assert_eq!(body.into_bytes().unwrap().as_ptr(), bytes.as_ptr());
        let pieces = Body::from_segments(vec![Segment::Bytes(bytes)]);
        assert_eq!(pieces.into_bytes().unwrap_err().len(), 7);
    }

    #[test]
    fn lengths_add_up_and_saturate() {
        assert!(Body::empty().is_empty());
        assert!(Body::from("").is_empty());
        assert_eq!(Body::from(String::from("four")).len(), 4);
        let huge = || {
            Segment::Source(Arc::new(Claim {
                announced: u64::MAX,
                ..Claim::new(0, b"")
            }))
        };
        assert_eq!(Body::from_segments(vec![huge(), huge()]).len(), u64::MAX);
        assert_eq!(
            format!("{:?}", Body::from("secret")),
            "Body(One(Bytes(6 bytes)))"
        );
    }
}
