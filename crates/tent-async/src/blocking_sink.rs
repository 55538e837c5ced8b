//! A sink that blocks, fed from the runtime and written on a thread for blocking work.

use std::panic::resume_unwind;

use bytes::Bytes;
use http::Response;
use http::response::Parts;
use tent_flow::{Delivery, Sink, TransportError, TransportErrorKind};
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;

use crate::client::Answer;

/// How many chunks may wait to be written.
const WAITING: usize = 4;

enum Part {
    Chunk(Bytes),
    End,
}

/// Writes the answer into the sink. When this is dropped, or the answer breaks off, the sink is
/// dropped too, unfinished.
pub(crate) async fn write(
    head: Parts,
    answer: Answer,
    sink: Box<dyn Sink>,
) -> Result<Response<Bytes>, TransportError> {
    let (parts, received) = mpsc::channel(WAITING);
    let writing = spawn_blocking(move || take(head, received, sink));
    let fed = feed(answer, parts).await;
    let written = match writing.await {
        Ok(written) => written,
        Err(error) if error.is_panic() => resume_unwind(error.into_panic()),
        Err(error) => Err(abandoned().because(error)),
    };
    fed.and(written)
}

/// Hands on what arrives, until all has or the sink wants no more.
async fn feed(mut answer: Answer, parts: mpsc::Sender<Part>) -> Result<(), TransportError> {
    while let Some(chunk) = answer.chunk().await? {
        if parts.send(Part::Chunk(chunk)).await.is_err() {
            return Ok(()); // the sink stopped or failed, and says so itself
        }
    }
    let _ = parts.send(Part::End).await; // as above
    Ok(())
}

fn take(
    head: Parts,
    mut received: mpsc::Receiver<Part>,
    mut sink: Box<dyn Sink>,
) -> Result<Response<Bytes>, TransportError> {
    sink.begin(&head);
    loop {
        match received.blocking_recv() {
            None => return Err(abandoned()),
            Some(Part::End) => break,
            Some(Part::Chunk(chunk)) => {
                let flow = sink.chunk(&chunk);
                if flow.map_err(TransportError::from_sink)?.is_break() {
                    break;
                }
            }
        }
    }
    let kept = sink.finish().map_err(TransportError::from_sink)?;
    Ok(Response::from_parts(head, kept))
}

fn abandoned() -> TransportError {
    TransportError::new(TransportErrorKind::Broken, Delivery::Possible)
}
