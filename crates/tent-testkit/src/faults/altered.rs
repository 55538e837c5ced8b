//! Answers that arrive otherwise than they were sent.

use std::io;
use std::ops::ControlFlow;

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::response::Parts;
use http::{HeaderValue, Method, Response};
use tent_flow::{Sink, TransportError};

use super::{Fault, PAGE};

/// Takes an answer, and hands a sink what the fault makes of it.
#[derive(Debug)]
pub(super) struct Altered {
    sink: Box<dyn Sink>,
    fault: Fault,
    is_head: bool,
    passed: usize,
}

impl Altered {
    pub(super) fn new(sink: Box<dyn Sink>, fault: Fault, method: &Method) -> Self {
        Self {
            sink,
            fault,
            is_head: method == Method::HEAD,
            passed: 0,
        }
    }

    fn pass(&mut self, bytes: &[u8]) -> io::Result<ControlFlow<()>> {
        self.passed += bytes.len();
        self.sink.chunk(bytes)
    }
}

impl Sink for Altered {
    fn begin(&mut self, head: &Parts) {
        let mut head = head.clone();
        alter(&self.fault, &mut head);
        self.sink.begin(&head);
    }

    fn chunk(&mut self, bytes: &[u8]) -> io::Result<ControlFlow<()>> {
        match &self.fault {
            Fault::ResetAfter => Ok(ControlFlow::Break(())),
            Fault::Html | Fault::After(_) => Ok(ControlFlow::Continue(())),
            Fault::Truncated(length) => {
                let left = length.saturating_sub(self.passed);
                match bytes.get(..left) {
                    Some(rest) => self.pass(rest).map(|_| ControlFlow::Break(())),
                    None => self.pass(bytes),
                }
            }
            _ => self.pass(bytes),
        }
    }

    fn finish(&mut self) -> io::Result<Bytes> {
        const SPACES: &[u8] = &[b' '; 16 * 1024];
        match &self.fault {
            // Nobody tells a sink that the answer broke off.
            Fault::ResetAfter | Fault::Truncated(_) => return Ok(Bytes::new()),
            _ if self.is_head => {}
            Fault::Html => _ = self.pass(PAGE.as_bytes())?,
            Fault::After(response) => {
                let body = response.body().clone();
                if !body.is_empty() {
                    _ = self.pass(&body)?;
                }
            }
            Fault::Oversized(length) => {
                let length = usize::try_from(*length).unwrap_or(usize::MAX);
                while self.passed < length {
                    let piece = (length - self.passed).min(SPACES.len());
                    if self.pass(&SPACES[..piece])?.is_break() {
                        break;
                    }
                }
            }
            _ => {}
        }
        self.sink.finish()
    }

    fn blocks(&self) -> bool {
        self.sink.blocks()
    }
}

/// What becomes of the head.
pub(super) fn alter(fault: &Fault, head: &mut Parts) {
    let type_of_page = HeaderValue::from_static("text/html; charset=utf-8");
    match fault {
        Fault::Html => {
            head.headers.remove(CONTENT_LENGTH);
            head.headers.insert(CONTENT_TYPE, type_of_page);
        }
        Fault::ContentType(name) => {
            head.headers.insert(CONTENT_TYPE, name.clone());
        }
        Fault::Oversized(length) => {
            head.headers.insert(CONTENT_LENGTH, (*length).into());
        }
        Fault::After(response) => {
            head.status = response.status();
            head.headers = response.headers().clone();
        }
        _ => {}
    }
}

/// Gives a sink an answer that nobody sent.
pub(crate) fn feed(
    mut sink: Box<dyn Sink>,
    method: &Method,
    response: Response<Bytes>,
) -> Result<Response<Bytes>, TransportError> {
    let (head, body) = response.into_parts();
    sink.begin(&head);
    if method != Method::HEAD && !body.is_empty() {
        _ = sink.chunk(&body).map_err(TransportError::from_sink)?;
    }
    let kept = sink.finish().map_err(TransportError::from_sink)?;
    Ok(Response::from_parts(head, kept))
}
