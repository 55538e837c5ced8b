//! A file as the body of an answer.

use std::fs::File;
use std::future::Future as _;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::task::{JoinHandle, spawn_blocking};

/// How many bytes are read at a time.
const PIECE: u64 = 64 * 1024;

/// A part of a file, read piece by piece: the next when the last has gone. So a reader who is slow
/// holds one piece.
#[derive(Debug)]
pub(super) struct FileBody {
    reading: Reading,
    /// Where the next piece begins.
    position: u64,
    /// How many bytes have not been given yet.
    left: u64,
}

#[derive(Debug)]
enum Reading {
    Paused(File),
    Going(JoinHandle<io::Result<(File, Bytes)>>),
    Over,
}

impl FileBody {
    /// So many bytes of a file, from `start`.
    pub(super) const fn new(file: File, start: u64, length: u64) -> Self {
        Self {
            reading: Reading::Paused(file),
            position: start,
            left: length,
        }
    }
}

fn read_piece(mut file: File, position: u64, length: u64) -> io::Result<(File, Bytes)> {
    file.seek(SeekFrom::Start(position))?;
    let mut piece = Vec::new();
    (&mut file).take(length).read_to_end(&mut piece)?;
    if piece.len() as u64 == length {
        Ok((file, piece.into()))
    } else {
        Err(io::ErrorKind::UnexpectedEof.into())
    }
}

impl Body for FileBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        loop {
            match std::mem::replace(&mut self.reading, Reading::Over) {
                Reading::Paused(file) if self.left > 0 => {
                    let (position, length) = (self.position, self.left.min(PIECE));
                    let read = spawn_blocking(move || read_piece(file, position, length));
                    self.reading = Reading::Going(read);
                }
                Reading::Going(mut read) => {
                    let Poll::Ready(done) = Pin::new(&mut read).poll(context) else {
                        self.reading = Reading::Going(read);
                        return Poll::Pending;
                    };
                    let (file, piece) = match done.map_err(io::Error::other).flatten() {
                        Ok(done) => done,
                        Err(error) => return Poll::Ready(Some(Err(error))),
                    };
                    self.position += piece.len() as u64;
                    self.left -= piece.len() as u64;
                    self.reading = Reading::Paused(file);
                    return Poll::Ready(Some(Ok(Frame::data(piece))));
                }
                Reading::Paused(_) | Reading::Over => return Poll::Ready(None),
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::io::Write as _;

    use proptest::prelude::*;

    use super::*;

    fn file(content: &[u8]) -> File {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(content).unwrap();
        file
    }

    /// What a body gives, and its pieces.
    async fn read(mut body: FileBody) -> io::Result<Vec<Bytes>> {
        let mut pieces = Vec::new();
        while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
            pieces.extend(frame?.into_data());
        }
        assert!(body.is_end_stream());
        Ok(pieces)
    }

    #[tokio::test]
    async fn a_file_that_is_cut_off_breaks_the_answer() {
        let error = read(FileBody::new(file(b"abc"), 0, 4)).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
    }

    #[tokio::test]
    async fn it_comes_in_pieces_of_some_size() {
        let body = FileBody::new(file(&[7; 150_000]), 10, 140_000);
        let sizes: Vec<_> = read(body).await.unwrap().iter().map(Bytes::len).collect();
        assert_eq!(sizes, [65_536, 65_536, 8928]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn every_part_is_that_of_the_file(
            content in prop::collection::vec(any::<u8>(), 0..200_000),
            start in any::<prop::sample::Index>(),
            end in any::<prop::sample::Index>(),
        ) {
            let (start, end) = (start.index(content.len() + 1), end.index(content.len() + 1));
            let part = start.min(end)..start.max(end);
            let body = FileBody::new(file(&content), part.start as u64, part.len() as u64);
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let pieces = runtime.block_on(read(body)).unwrap();
            prop_assert_eq!(pieces.concat(), &content[part]);
        }
    }
}
