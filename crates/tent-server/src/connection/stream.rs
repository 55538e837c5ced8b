//! The stream of a connection, which breaks when the other side takes nothing for too long.

use std::future::Future as _;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};

use super::places::Standing;

/// How long the other side may take nothing of what is sent. Systems let more be sent only once a good
/// part of what they hold has been taken, so this bounds how slowly somebody may read: some kilobytes
/// in a second.
pub(super) const STALLED: Duration = Duration::from_secs(120);

/// A stream that gives up on who does not read.
#[derive(Debug)]
pub(super) struct Stream<S> {
    inner: S,
    standing: Arc<Standing>,
    /// Runs while something is waiting to be taken.
    patience: Pin<Box<Sleep>>,
    waits: bool,
}

impl<S> Stream<S> {
    pub(super) fn new(inner: S, standing: Arc<Standing>) -> Self {
        Self {
            inner,
            standing,
            patience: Box::pin(sleep(STALLED)),
            waits: false,
        }
    }

    /// What a write came to; an error when it has come to nothing for too long.
    fn judge<T>(
        &mut self,
        context: &mut Context<'_>,
        written: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if self.waits != written.is_pending() {
            self.waits = written.is_pending();
            self.standing.set_unsent(self.waits);
            if self.waits {
                self.patience.as_mut().reset(Instant::now() + STALLED);
            }
        }
        if self.waits && self.patience.as_mut().poll(context).is_ready() {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        written
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Stream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Stream<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.inner).poll_write(context, bytes);
        self.judge(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.inner).poll_write_vectored(context, parts);
        self.judge(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        // A socket has nothing of its own to flush, so this says nothing of what was taken.
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};
    use tokio::time::timeout;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn who_takes_nothing_is_given_up() {
        let (stream, _reader) = duplex(10);
        let mut stream = Stream::new(stream, Arc::default());
        let began = Instant::now();
        let written = timeout(STALLED * 2, stream.write_all(&[7; 11])).await;
        let error = written.unwrap().unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert_eq!(began.elapsed().as_secs(), STALLED.as_secs());
    }

    #[tokio::test(start_paused = true)]
    async fn who_reads_slowly_is_not() {
        let (stream, mut reader) = duplex(10);
        let standing = Arc::<Standing>::default();
        let mut stream = Stream::new(stream, Arc::clone(&standing));
        sleep(STALLED * 2).await;
        let reading = tokio::spawn(async move {
            let mut read = Vec::new();
            while let Ok(byte) = reader.read_u8().await {
                read.push(byte);
                sleep(STALLED - Duration::from_millis(1)).await;
            }
            read
        });
        stream.write_all(&[7; 30]).await.unwrap();
        assert!(standing.is_idle(), "all of it has gone");
        drop(stream);
        assert_eq!(reading.await.unwrap(), [7; 30]);
    }
}
