//! Where the body of an answer goes.

mod watched;

use std::fmt;
use std::io::{self, Write};
use std::mem;
use std::ops::ControlFlow;

use bytes::{Bytes, BytesMut};
use http::header::CONTENT_LENGTH;
use http::response::Parts;

pub use self::watched::Watched;

/// Where a driver writes the body of an answer, as it arrives.
///
/// A sink may stop early with [`ControlFlow::Break`]: the driver then reads no further, and the
/// answer counts as whole.
pub trait Sink: Send {
    /// The head of the answer has arrived.
    fn begin(&mut self, head: &Parts);

    /// Some of the body has arrived.
    ///
    /// # Errors
    ///
    /// Ends the exchange: with [`TransportErrorKind::TooLarge`](crate::TransportErrorKind::TooLarge)
    /// when the error holds a [`TooLarge`], else with
    /// [`TransportErrorKind::Sink`](crate::TransportErrorKind::Sink).
    fn chunk(&mut self, bytes: &[u8]) -> io::Result<ControlFlow<()>>;

    /// The body is over. What is returned becomes the body of the response that the flow sees.
    ///
    /// # Errors
    ///
    /// When what was written could not be kept, as for [`chunk`](Self::chunk).
    fn finish(&mut self) -> io::Result<Bytes>;

    /// Whether writing may block, on a disk for instance. An asynchronous driver then writes on a
    /// thread made for that.
    fn blocks(&self) -> bool {
        false
    }
}

impl fmt::Debug for dyn Sink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sink")
    }
}

/// The body was larger than whoever waits for it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the body is larger than the {limit} bytes that are taken")]
#[non_exhaustive]
pub struct TooLarge {
    /// How many bytes are taken.
    pub limit: u64,
}

impl TooLarge {
    /// The error for a limit of so many bytes.
    pub const fn new(limit: u64) -> Self {
        Self { limit }
    }
}

impl From<TooLarge> for io::Error {
    fn from(error: TooLarge) -> Self {
        Self::other(error)
    }
}

/// Keeps the body in memory, up to a limit.
///
/// A body that announces more than the limit is refused with its first bytes, before it is read.
#[derive(Debug)]
pub struct Memory {
    limit: u64,
    announced: u64,
    kept: Kept,
}

/// A body that arrives in one piece, as most do, is copied once, to just the room it needs.
#[derive(Debug)]
enum Kept {
    Nothing,
    Whole(Bytes),
    Growing(BytesMut),
}

impl Memory {
    /// Takes at most `limit` bytes.
    pub const fn with_limit(limit: u64) -> Self {
        Self {
            limit,
            announced: 0,
            kept: Kept::Nothing,
        }
    }
}

impl Sink for Memory {
    fn begin(&mut self, head: &Parts) {
        self.announced = announced_length(head).unwrap_or(0);
        self.kept = Kept::Nothing;
    }

    fn chunk(&mut self, bytes: &[u8]) -> io::Result<ControlFlow<()>> {
        let so_far = match &self.kept {
            Kept::Nothing => 0,
            Kept::Whole(whole) => whole.len(),
            Kept::Growing(growing) => growing.len(),
        };
        let total = (so_far + bytes.len()) as u64;
        if total.max(self.announced) > self.limit {
            return Err(TooLarge::new(self.limit).into());
        }
        self.kept = match mem::replace(&mut self.kept, Kept::Nothing) {
            Kept::Nothing if total >= self.announced => Kept::Whole(Bytes::copy_from_slice(bytes)),
            Kept::Nothing => {
                // An announced length is a claim: room is made for it, but not without bound.
                let room = self.announced.min(256 * 1024) as usize;
                let mut growing = BytesMut::with_capacity(room.max(bytes.len()));
                growing.extend_from_slice(bytes);
                Kept::Growing(growing)
            }
            Kept::Whole(whole) => {
                let mut growing = BytesMut::with_capacity(2 * (whole.len() + bytes.len()));
                growing.extend_from_slice(&whole);
                growing.extend_from_slice(bytes);
                Kept::Growing(growing)
            }
            Kept::Growing(mut growing) => {
                growing.extend_from_slice(bytes);
                Kept::Growing(growing)
            }
        };
        Ok(ControlFlow::Continue(()))
    }

    fn finish(&mut self) -> io::Result<Bytes> {
        Ok(match mem::replace(&mut self.kept, Kept::Nothing) {
            Kept::Nothing => Bytes::new(),
            Kept::Whole(whole) => whole,
            Kept::Growing(growing) => growing.freeze(),
        })
    }
}

fn announced_length(head: &Parts) -> Option<u64> {
    let value = head.headers.get(CONTENT_LENGTH)?;
    value.to_str().ok()?.parse().ok()
}

/// Writes the body of a 2xx answer somewhere, and keeps the body of any other answer in memory, so
/// that an error message never ends up in the file.
pub struct Writer<W> {
    writer: W,
    refusal: Option<Memory>,
    limit_of_refusal: u64,
}

impl<W: Write + Send> Writer<W> {
    /// Writes to `writer`, and keeps at most 64 KiB of an answer that is not 2xx.
    pub const fn new(writer: W) -> Self {
        Self {
            writer,
            refusal: None,
            limit_of_refusal: 64 * 1024,
        }
    }
}

impl<W: Write + Send> Sink for Writer<W> {
    fn begin(&mut self, head: &Parts) {
        self.refusal = (!head.status.is_success()).then(|| {
            let mut memory = Memory::with_limit(self.limit_of_refusal);
            memory.begin(head);
            memory
        });
    }

    fn chunk(&mut self, bytes: &[u8]) -> io::Result<ControlFlow<()>> {
        match &mut self.refusal {
            Some(memory) => memory.chunk(bytes),
            None => self
                .writer
                .write_all(bytes)
                .map(|()| ControlFlow::Continue(())),
        }
    }

    fn finish(&mut self) -> io::Result<Bytes> {
        match &mut self.refusal {
            Some(memory) => memory.finish(),
            None => self.writer.flush().map(|()| Bytes::new()),
        }
    }

    fn blocks(&self) -> bool {
        true
    }
}

impl<W> fmt::Debug for Writer<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
