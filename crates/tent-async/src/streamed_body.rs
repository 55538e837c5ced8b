//! A body that is sent piece by piece.

use std::error::Error;
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use tent_flow::{Body, BodyReader, Segment};
use tokio::sync::mpsc;

/// The size of a piece, in bytes.
const PIECE: usize = 64 * 1024;
/// How many pieces are read ahead.
const AHEAD: usize = 4;

/// How many pieces have been taken from a body.
#[derive(Debug, Default)]
pub(crate) struct Progress(Option<Arc<AtomicU64>>);

impl Progress {
    /// What is counted in, from now on.
    pub(crate) fn counter(&mut self) -> Arc<AtomicU64> {
        Arc::clone(self.0.get_or_insert_default())
    }

    pub(crate) fn count(&self) -> u64 {
        self.0
            .as_ref()
            .map_or(0, |count| count.load(Ordering::Relaxed))
    }
}

/// A body that is sent piece by piece, so that its progress can be seen. Sources are read on a thread
/// for blocking work, which starts when the first piece is wanted.
pub(crate) struct StreamedBody {
    pieces: Pieces,
    left: u64,
    taken: Arc<AtomicU64>,
}

enum Pieces {
    /// Every segment is at hand. It is never locked: `reqwest` wants what can be shared.
    AtHand(Mutex<BodyReader>),
    Unread(Body),
    Read(mpsc::Receiver<io::Result<Bytes>>),
}

impl StreamedBody {
    pub(crate) fn start(body: Body, progress: &mut Progress) -> reqwest::Body {
        let taken = progress.counter();
        reqwest::Body::wrap(Self {
            left: body.len(),
            pieces: if is_at_hand(&body) {
                Pieces::AtHand(Mutex::new(body.reader()))
            } else {
                Pieces::Unread(body)
            },
            taken,
        })
    }
}

fn is_at_hand(body: &Body) -> bool {
    let mut segments = body.segments().iter();
    segments.all(|segment| matches!(segment, Segment::Bytes(_)))
}

/// Reads a body on a thread for blocking work, until it is over or nobody wants more of it.
fn read(body: &Body) -> mpsc::Receiver<io::Result<Bytes>> {
    let mut reader = body.reader();
    let (pieces, received) = mpsc::channel(AHEAD);
    tokio::task::spawn_blocking(move || {
        while let Some(piece) = reader.next_chunk(PIECE).transpose() {
            let failed = piece.is_err();
            if pieces.blocking_send(piece).is_err() || failed {
                break;
            }
        }
    });
    received
}

impl Pieces {
    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        loop {
            match self {
                Self::AtHand(reader) => {
                    let reader = reader.get_mut().unwrap_or_else(PoisonError::into_inner);
                    return Poll::Ready(reader.next_chunk(PIECE).transpose());
                }
                Self::Unread(body) => *self = Self::Read(read(body)),
                Self::Read(pieces) => return pieces.poll_recv(context),
            }
        }
    }
}

impl http_body::Body for StreamedBody {
    type Data = Bytes;
    type Error = SourceFailed;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, SourceFailed>>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        let piece = match ready!(self.pieces.poll_next(context)) {
            Some(piece) => piece.map_err(SourceFailed)?,
            None => return Poll::Ready(Some(Err(SourceFailed(io::ErrorKind::BrokenPipe.into())))),
        };
        self.left = self.left.saturating_sub(piece.len() as u64);
        self.taken.fetch_add(1, Ordering::Relaxed);
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

/// The body to send could not be read.
#[derive(Debug, thiserror::Error)]
#[error("the body to send could not be read")]
pub(crate) struct SourceFailed(#[source] io::Error);

impl SourceFailed {
    pub(crate) fn is_cause_of(error: &(dyn Error + 'static)) -> bool {
        let mut cause = Some(error);
        while let Some(error) = cause {
            if error.is::<Self>() {
                return true;
            }
            cause = error.source();
        }
        false
    }
}
