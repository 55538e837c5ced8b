//! Recording.

use std::io;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http::response::Parts;
use http::{HeaderMap, Response};
use tent_flow::{Effect, Flow, Input, Moment, Request, Series, Sink, Step};

use super::{Cassette, Exchange, RecordedAnswer, RecordedFailure, RecordedRequest};

/// A flow that is recorded; [`Cassette::record`] makes one.
#[derive(Debug)]
#[must_use = "a flow does nothing until a driver runs it"]
pub struct Recording<F> {
    flow: F,
    cassette: Cassette,
    asked: Option<Asked>,
}

/// What was asked and is not answered yet.
#[derive(Debug)]
struct Asked {
    at: u64,
    request: RecordedRequest,
    /// The body of the answer, as it arrives.
    body: Arc<Mutex<Vec<u8>>>,
}

impl<F> Recording<F> {
    pub(super) const fn new(flow: F, cassette: Cassette) -> Self {
        Self {
            flow,
            cassette,
            asked: None,
        }
    }

    fn heard(&mut self, input: &Input) {
        let Some(Asked { at, request, body }) = self.asked.take() else {
            return;
        };
        let body = std::mem::take(&mut *body.lock().unwrap_or_else(PoisonError::into_inner));
        let (answer, failure) = match input {
            Input::Response(response) => (Some(self.cassette.answer(response, &body)), None),
            Input::Failed(error) => (None, Some(RecordedFailure::of(error))),
            Input::Ready => return,
        };
        let mut tape = self.cassette.tape();
        tape.played.push(false);
        tape.exchanges.push(Exchange {
            at,
            request,
            answer,
            failure,
        });
    }
}

impl<F: Flow> Flow for Recording<F> {
    type Output = F::Output;

    fn step(&mut self, now: Moment, input: Input) -> Step<F::Output> {
        self.heard(&input);
        match self.flow.step(now, input) {
            Step::Do(Effect::Send(request, sink)) => {
                let body = Arc::default();
                self.asked = Some(Asked {
                    at: now.epoch_seconds(),
                    request: self.cassette.request(&request),
                    body: Arc::clone(&body),
                });
                Step::Do(Effect::Send(request, Box::new(Tee { sink, body })))
            }
            step => step,
        }
    }
}

impl Cassette {
    /// The request as it is recorded.
    pub(super) fn request(&self, request: &Request) -> RecordedRequest {
        let mut body = Vec::new();
        // A body that cannot be read is the driver's to report.
        let _ = io::copy(&mut request.body.reader(), &mut body);
        let secrets = &mut self.tape().secrets;
        RecordedRequest {
            method: request.method.to_string(),
            url: self.mask.url(&request.url, secrets),
            headers: self.mask.fields(&request.headers, secrets),
            body: self.mask.body(&body, is_form(&request.headers), secrets),
        }
    }

    fn answer(&self, response: &Response<Bytes>, body: &[u8]) -> RecordedAnswer {
        let secrets = &mut self.tape().secrets;
        RecordedAnswer {
            status: response.status().as_u16(),
            headers: self.mask.fields(response.headers(), secrets),
            body: self.mask.body(body, is_form(response.headers()), secrets),
        }
    }
}

fn is_form(headers: &HeaderMap) -> bool {
    let name = headers.get(http::header::CONTENT_TYPE);
    name.is_some_and(|name| {
        name.as_bytes()
            .starts_with(b"application/x-www-form-urlencoded")
    })
}

/// Hands on what arrives, and keeps a copy.
#[derive(Debug)]
struct Tee {
    sink: Box<dyn Sink>,
    body: Arc<Mutex<Vec<u8>>>,
}

impl Sink for Tee {
    fn begin(&mut self, head: &Parts) {
        self.sink.begin(head);
    }

    fn chunk(&mut self, bytes: &[u8]) -> io::Result<ControlFlow<()>> {
        let mut body = self.body.lock().unwrap_or_else(PoisonError::into_inner);
        body.extend_from_slice(bytes);
        drop(body);
        self.sink.chunk(bytes)
    }

    fn finish(&mut self) -> io::Result<Bytes> {
        self.sink.finish()
    }

    fn blocks(&self) -> bool {
        self.sink.blocks()
    }
}

/// A list whose pages are recorded; [`Cassette::record_series`] makes one.
#[derive(Debug)]
pub struct RecordingSeries<S> {
    series: S,
    cassette: Cassette,
}

impl<S> RecordingSeries<S> {
    pub(super) const fn new(series: S, cassette: Cassette) -> Self {
        Self { series, cassette }
    }
}

impl<S: Series> Series for RecordingSeries<S> {
    type Item = S::Item;
    type Error = S::Error;
    type Flow = Recording<S::Flow>;

    fn next(&mut self) -> Option<Self::Flow> {
        let flow = self.series.next()?;
        Some(self.cassette.record(flow))
    }

    fn take(&mut self, page: <S::Flow as Flow>::Output) -> Result<Vec<S::Item>, S::Error> {
        self.series.take(page)
    }
}
