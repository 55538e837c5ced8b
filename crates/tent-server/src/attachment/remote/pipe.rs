//! The way of a file from one answer into another, piece by piece: no more is read than is written.

use std::io;
use std::ops::ControlFlow;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::header::CONTENT_LENGTH;
use http::response::Parts;
use http_body::{Body, Frame};
use tent_flow::Sink;
use tent_flow::sink::{Memory, TooLarge};
use tokio::sync::{OwnedSemaphorePermit, mpsc, oneshot};

/// How many pieces may be under way.
const WAITING: usize = 4;
/// How much is kept of an answer that has no file, in bytes.
const REFUSAL: u64 = 64 * 1024;

/// A pipe that takes at most so many bytes, and keeps its place as long as it is read from.
pub(super) fn pipe(limit: u64, place: OwnedSemaphorePermit) -> (Sender, Receiver) {
    let (begin, begun) = oneshot::channel();
    let sender = Sender {
        waiting: Arc::new(Mutex::new(Some(begin))),
        limit,
        taken: 0,
        way: Way::Nowhere,
    };
    (sender, Receiver { begun, place })
}

/// The end that is written to. The attempts of a call share it, until one of them has begun.
#[derive(Debug)]
pub(super) struct Sender {
    waiting: Arc<Mutex<Option<oneshot::Sender<Begun>>>>,
    limit: u64,
    taken: u64,
    way: Way,
}

type Begun = (Parts, mpsc::Receiver<Piece>);

/// Some bytes, or the end of the file.
type Piece = Option<Bytes>;

/// Where an answer goes.
#[derive(Debug)]
enum Way {
    Nowhere,
    /// It has no file.
    Kept(Memory),
    Through(mpsc::Sender<Piece>),
}

impl Sender {
    /// Whether an answer has begun that others could see.
    pub(super) fn has_begun(&self) -> bool {
        self.waiting().is_none()
    }

    /// Whoever waits for the head, until there is one.
    fn waiting(&self) -> MutexGuard<'_, Option<oneshot::Sender<Begun>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clone for Sender {
    fn clone(&self) -> Self {
        Self {
            waiting: Arc::clone(&self.waiting),
            limit: self.limit,
            taken: 0,
            way: Way::Nowhere,
        }
    }
}

impl Sink for Sender {
    fn begin(&mut self, head: &Parts) {
        let announced = head.headers.get(CONTENT_LENGTH);
        let announced = announced.and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
        let is_too_large = announced.is_some_and(|length| length > self.limit);
        self.way = if !head.status.is_success() {
            let mut memory = Memory::with_limit(REFUSAL);
            memory.begin(head);
            Way::Kept(memory)
        } else if is_too_large {
            Way::Nowhere
        } else {
            let (pieces, received) = mpsc::channel(WAITING);
            if let Some(waiting) = self.waiting().take() {
                let _ = waiting.send((head.clone(), received)); // or nobody waits anymore
            }
            Way::Through(pieces)
        };
    }

    fn chunk(&mut self, bytes: &[u8]) -> io::Result<ControlFlow<()>> {
        self.taken += bytes.len() as u64;
        match &mut self.way {
            Way::Kept(memory) => memory.chunk(bytes),
            Way::Through(pieces) if self.taken <= self.limit => {
                match pieces.blocking_send(Some(Bytes::copy_from_slice(bytes))) {
                    Ok(()) => Ok(ControlFlow::Continue(())),
                    Err(_) => Ok(ControlFlow::Break(())), // nobody reads on
                }
            }
            Way::Through(_) | Way::Nowhere => Err(TooLarge::new(self.limit).into()),
        }
    }

    fn finish(&mut self) -> io::Result<Bytes> {
        match &mut self.way {
            Way::Kept(memory) => memory.finish(),
            Way::Through(pieces) => {
                let _ = pieces.blocking_send(None); // or nobody reads on
                Ok(Bytes::new())
            }
            Way::Nowhere => Err(TooLarge::new(self.limit).into()),
        }
    }

    fn blocks(&self) -> bool {
        true
    }
}

/// The end that is read from.
#[derive(Debug)]
pub(super) struct Receiver {
    begun: oneshot::Receiver<Begun>,
    place: OwnedSemaphorePermit,
}

impl Receiver {
    /// Waits for the head of an answer with a file. None when there is none.
    pub(super) async fn begin(self) -> Option<(Parts, Content)> {
        let (head, pieces) = self.begun.await.ok()?;
        let content = Content {
            pieces,
            is_over: false,
            _place: self.place,
        };
        Some((head, content))
    }
}

/// The file. If it breaks off, so does the answer that it is in.
#[derive(Debug)]
pub(super) struct Content {
    pieces: mpsc::Receiver<Piece>,
    is_over: bool,
    _place: OwnedSemaphorePermit,
}

impl Body for Content {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        if self.is_over {
            return Poll::Ready(None);
        }
        let piece = ready!(self.pieces.poll_recv(context));
        self.is_over = !matches!(piece, Some(Some(_)));
        Poll::Ready(match piece {
            Some(Some(bytes)) => Some(Ok(Frame::data(bytes))),
            Some(None) => None,
            None => Some(Err(io::ErrorKind::UnexpectedEof.into())),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use tokio::sync::Semaphore;
    use tokio::task::spawn_blocking;

    use super::*;

    fn head(status: u16, length: u64) -> Parts {
        let response = http::Response::builder()
            .status(status)
            .header(CONTENT_LENGTH, length);
        response.body(()).unwrap().into_parts().0
    }

    fn new(limit: u64) -> (Sender, Receiver) {
        let place = Arc::new(Semaphore::new(1)).try_acquire_owned();
        pipe(limit, place.unwrap())
    }

    async fn read(mut content: Content) -> io::Result<Vec<u8>> {
        let mut all = Vec::new();
        while let Some(frame) = poll_fn(|context| Pin::new(&mut content).poll_frame(context)).await
        {
            all.extend(frame?.into_data().unwrap());
        }
        Ok(all)
    }

    /// Writes an answer in pieces, and finishes it or not.
    fn write(sender: &Sender, head: &Parts, pieces: &[&[u8]], ends: bool) -> io::Result<Bytes> {
        let mut sink = sender.clone();
        sink.begin(head);
        for piece in pieces {
            if sink.chunk(piece)?.is_break() {
                break;
            }
        }
        if ends {
            sink.finish()
        } else {
            Ok(Bytes::new())
        }
    }

    #[tokio::test]
    async fn a_file_comes_through_and_what_is_none_is_kept() {
        let (sender, receiver) = new(8);
        let writing = spawn_blocking(move || {
            let kept = write(&sender, &head(503, 4), &[b"down"], true).unwrap();
            assert!(!sender.has_begun());
            write(&sender, &head(200, 8), &[b"file", b"", b"file"], true).unwrap();
            assert!(sender.has_begun());
            kept
        });
        let (head, content) = receiver.begin().await.unwrap();
        assert_eq!(head.status, 200);
        assert_eq!(read(content).await.unwrap(), b"filefile");
        assert_eq!(writing.await.unwrap(), "down");
    }

    #[tokio::test]
    async fn what_breaks_off_is_no_whole_file() {
        for (limit, ends) in [(8, false), (7, true)] {
            let (sender, receiver) = new(limit);
            let pieces: [&[u8]; 2] = [b"file", b"file"];
            spawn_blocking(move || write(&sender, &head(200, 1), &pieces, ends));
            let (_, content) = receiver.begin().await.unwrap();
            let error = read(content).await.unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof, "{limit}");
        }
    }

    #[tokio::test]
    async fn what_says_that_it_is_too_large_never_begins() {
        let (sender, receiver) = new(8);
        let written = spawn_blocking(move || write(&sender, &head(200, 9), &[b"file"], true));
        assert!(receiver.begin().await.is_none());
        let error = written.await.unwrap().unwrap_err();
        assert!(error.get_ref().unwrap().is::<TooLarge>());
    }

    #[tokio::test]
    async fn nothing_is_read_that_nobody_wants() {
        let (sender, receiver) = new(u64::MAX);
        let writing = spawn_blocking(move || {
            let mut sink = sender.clone();
            sink.begin(&head(200, 1_000_000));
            (0..1000).position(|_| sink.chunk(b"file").unwrap().is_break())
        });
        let (_, content) = receiver.begin().await.unwrap();
        drop(content);
        assert!(writing.await.unwrap().is_some());
    }
}
