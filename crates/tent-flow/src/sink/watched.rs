//! A sink that tells how far it is.

use std::io;
use std::ops::ControlFlow;

use bytes::Bytes;
use http::response::Parts;

use super::{Sink, announced_length};
use crate::{OnProgress, Progress};

/// Tells how much of a 2xx answer has arrived: once with its head, and after each piece that the sink
/// within has taken. Of any other answer it tells nothing, since that is not what was asked for.
///
/// The total is what the server announces, which is a claim.
///
/// ```
/// use std::sync::mpsc;
/// use tent_flow::OnProgress;
/// use tent_flow::sink::{Memory, Sink, Watched};
///
/// let (tell, told) = mpsc::channel();
/// let progress = OnProgress::new(move |progress| tell.send(progress.bytes).unwrap());
/// let mut sink = Watched::new(Memory::with_limit(100), progress);
///
/// // What a driver does with an answer.
/// sink.begin(&http::Response::new(()).into_parts().0);
/// sink.chunk(b"hello ")?;
/// sink.chunk(b"world")?;
/// assert_eq!(sink.finish()?, "hello world");
/// assert_eq!(told.try_iter().collect::<Vec<_>>(), [0, 6, 11]);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct Watched<S> {
    sink: S,
    told: OnProgress,
    progress: Option<Progress>,
}

impl<S: Sink> Watched<S> {
    /// Watches a sink.
    pub const fn new(sink: S, told: OnProgress) -> Self {
        Self {
            sink,
            told,
            progress: None,
        }
    }
}

impl<S: Sink> Sink for Watched<S> {
    fn begin(&mut self, head: &Parts) {
        self.sink.begin(head);
        let is_wanted = head.status.is_success();
        self.progress = is_wanted.then(|| Progress::start(announced_length(head)));
        if let Some(progress) = self.progress {
            self.told.tell(progress);
        }
    }

    fn chunk(&mut self, bytes: &[u8]) -> io::Result<ControlFlow<()>> {
        let flow = self.sink.chunk(bytes)?;
        if let Some(progress) = &mut self.progress {
            *progress = progress.and(bytes.len());
            self.told.tell(*progress);
        }
        Ok(flow)
    }

    fn finish(&mut self) -> io::Result<Bytes> {
        self.sink.finish()
    }

    fn blocks(&self) -> bool {
        self.sink.blocks()
    }
}
