//! Where the body of an answer goes.

use std::fmt;
use std::io::{self, Write};
use std::mem;
use std::ops::ControlFlow;

use bytes::{Bytes, BytesMut};
use http::header::CONTENT_LENGTH;
use http::response::Parts;

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
        self.announced = announced_length(head);
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

fn announced_length(head: &Parts) -> u64 {
    head.headers
        .get(CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse().ok())
        .unwrap_or(0)
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
mod tests {
    use http::{Response, StatusCode};
    use proptest::prelude::*;

    use super::*;
    use crate::{TransportError, TransportErrorKind};

    fn head(status: u16, announced: Option<u64>) -> Parts {
        let mut response = Response::new(());
        *response.status_mut() = StatusCode::from_u16(status).unwrap();
        if let Some(length) = announced {
            response.headers_mut().insert(CONTENT_LENGTH, length.into());
        }
        response.into_parts().0
    }

    fn give(sink: &mut impl Sink, head: &Parts, chunks: &[Vec<u8>]) -> io::Result<Bytes> {
        sink.begin(head);
        for chunk in chunks {
            assert_eq!(sink.chunk(chunk)?, ControlFlow::Continue(()));
        }
        sink.finish()
    }

    fn kind_of(error: io::Error) -> TransportErrorKind {
        TransportError::from_sink(error).kind()
    }

    proptest! {
        #[test]
        fn memory_keeps_all_up_to_its_limit(
            chunks in proptest::collection::vec(
                proptest::collection::vec(any::<u8>(), 0..20), 0..6),
            announced in proptest::option::of(0_u64..60),
            limit in 0_u64..60,
        ) {
            let whole = chunks.concat();
            let mut memory = Memory::with_limit(limit);
            let most = (whole.len() as u64).max(announced.unwrap_or(0));
            match give(&mut memory, &head(200, announced), &chunks) {
                Ok(kept) => {
                    prop_assert!(most <= limit || chunks.is_empty());
                    prop_assert_eq!(kept, whole);
                }
                Err(error) => {
                    prop_assert!(most > limit);
                    prop_assert_eq!(kind_of(error), TransportErrorKind::TooLarge);
                }
            }
        }
    }

    #[test]
    fn an_announced_length_beyond_the_limit_is_refused_with_the_first_bytes() {
        let mut memory = Memory::with_limit(10);
        memory.begin(&head(200, Some(11)));
        assert_eq!(
            kind_of(memory.chunk(b"a").unwrap_err()),
            TransportErrorKind::TooLarge
        );
    }

    #[test]
    fn an_announced_length_is_not_believed_for_the_room_it_asks() {
        let mut memory = Memory::with_limit(u64::MAX);
        memory.begin(&head(200, Some(u64::MAX)));
        let _ = memory.chunk(b"a").unwrap();
        let Kept::Growing(kept) = &memory.kept else {
            panic!("more is to come")
        };
        assert!(kept.capacity() <= 512 * 1024);
    }

    #[test]
    fn a_second_answer_starts_anew() {
        let mut memory = Memory::with_limit(10);
        memory.begin(&head(503, Some(8)));
        let _ = memory.chunk(b"sorry").unwrap();
        let kept = give(&mut memory, &head(200, None), &[b"hello".to_vec()]).unwrap();
        assert_eq!(kept, "hello");
        assert_eq!(give(&mut memory, &head(204, None), &[]).unwrap(), "");
    }

    #[test]
    fn a_writer_takes_success_only() {
        let mut file = Vec::new();
        let chunks = [b"first ".to_vec(), b"second".to_vec()];
        for status in [199, 304, 404, 500] {
            let mut writer = Writer::new(&mut file);
            let kept = give(&mut writer, &head(status, None), &chunks).unwrap();
            assert_eq!(kept, "first second", "{status}");
        }
        assert!(file.is_empty());
        for status in [200, 206] {
            let mut writer = Writer::new(&mut file);
            assert_eq!(give(&mut writer, &head(status, None), &chunks).unwrap(), "");
            assert_eq!(file, b"first second", "{status}");
            file.clear();
        }
    }

    #[test]
    fn a_refusal_before_success_stays_out_of_the_file() {
        let mut file = Vec::new();
        let mut writer = Writer::new(&mut file);
        writer.begin(&head(503, None));
        let _ = writer.chunk(b"sorry").unwrap();
        assert_eq!(
            give(&mut writer, &head(200, None), &[b"data".to_vec()]).unwrap(),
            ""
        );
        assert_eq!(file, b"data");
    }

    #[test]
    fn a_long_refusal_is_cut_off_with_an_error() {
        let mut writer = Writer::new(Vec::new());
        let long = vec![b'x'; 64 * 1024 + 1];
        let error = give(&mut writer, &head(400, None), &[long]).unwrap_err();
        assert_eq!(kind_of(error), TransportErrorKind::TooLarge);
    }

    #[test]
    fn what_cannot_be_written_or_flushed_is_an_error_of_the_sink() {
        struct Full;
        impl Write for Full {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::StorageFull.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Err(io::ErrorKind::StorageFull.into())
            }
        }
        for chunks in [&[b"data".to_vec()][..], &[]] {
            let error = give(&mut Writer::new(Full), &head(200, None), chunks).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::StorageFull);
            assert_eq!(kind_of(error), TransportErrorKind::Sink);
        }
    }
}
