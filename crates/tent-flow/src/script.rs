//! A scripted peer and a fake clock: flows run without a socket and without waiting.
//!
//! ```
//! use tent_flow::script::{Answer, Script};
//! use tent_flow::sink::Memory;
//! use tent_flow::{Flow, Input, Moment, Request, Step};
//!
//! /// Fetches one page and says its status.
//! struct Fetch;
//!
//! impl Flow for Fetch {
//!     type Output = u16;
//!
//!     fn step(&mut self, _now: Moment, input: Input) -> Step<u16> {
//!         match input {
//!             Input::Response(response) => Step::Done(response.status().as_u16()),
//!             _ => Step::send(
//!                 Request::get("https://alice.example/".parse().unwrap()),
//!                 Memory::with_limit(1024),
//!             ),
//!         }
//!     }
//! }
//!
//! let mut script = Script::new().on("GET", "https://alice.example/", Answer::status(404));
//! assert_eq!(script.run(Fetch), 404);
//! script.finish();
//! ```

use std::collections::VecDeque;
use std::io::Read;
use std::ops::ControlFlow;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode};
use url::Url;

use crate::{
    Delivery, Effect, Flow, Input, Moment, Request, Sink, Step, TransportError, TransportErrorKind,
};

/// A clock that goes only when it is told to, or when a flow waits.
#[derive(Debug, Clone)]
pub struct Clock {
    now: Moment,
    waits: Vec<Duration>,
}

impl Clock {
    /// A clock that stands at this many seconds after the Unix epoch.
    pub fn at_epoch_seconds(seconds: u64) -> Self {
        Self {
            now: Moment::at_epoch_seconds(seconds),
            waits: Vec::new(),
        }
    }

    /// The time it shows.
    pub const fn now(&self) -> Moment {
        self.now
    }

    /// Lets time pass.
    pub fn advance(&mut self, time: Duration) {
        self.now = self.now.after(time);
    }

    /// How long flows have waited, each wait by itself.
    pub fn waits(&self) -> &[Duration] {
        &self.waits
    }
}

/// A request as the scripted peer saw it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Seen {
    /// The method.
    pub method: Method,
    /// The target.
    pub url: Url,
    /// The header fields.
    pub headers: HeaderMap,
    /// The body, read to its end.
    pub body: Bytes,
}

impl Seen {
    /// A header field as text; empty when it is absent.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }
}

/// What the scripted peer answers.
#[derive(Debug)]
pub struct Answer(Result<Response<Vec<u8>>, TransportError>);

impl Answer {
    /// An answer with this status and no body.
    ///
    /// # Panics
    ///
    /// When there is no such status.
    pub fn status(status: u16) -> Self {
        let mut response = Response::new(Vec::new());
        *response.status_mut() = StatusCode::from_u16(status).expect("a status is three digits");
        Self(Ok(response))
    }

    /// A `200` with a JSON body.
    pub fn json(body: impl Into<Vec<u8>>) -> Self {
        Self::status(200)
            .header("content-type", "application/json")
            .body(body)
    }

    /// Adds a header field; several of one name stay several.
    ///
    /// # Panics
    ///
    /// When the name or the value cannot stand in a header, or the answer is a failure.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let name: HeaderName = name.parse().expect("a header name");
        let value = HeaderValue::from_str(value).expect("a header value");
        self.response().headers_mut().append(name, value);
        self
    }

    /// Sets the body.
    ///
    /// # Panics
    ///
    /// When the answer is a failure.
    #[must_use]
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        *self.response().body_mut() = body.into();
        self
    }

    /// No connection: the request never left.
    pub fn refuses_connection() -> Self {
        TransportError::connect("nobody listens").into()
    }

    /// No answer in time, and the request may have arrived.
    pub fn times_out() -> Self {
        TransportError::new(TransportErrorKind::Timeout, Delivery::Possible).into()
    }

    fn response(&mut self) -> &mut Response<Vec<u8>> {
        self.0.as_mut().expect("a failure has no header or body")
    }
}

impl From<TransportError> for Answer {
    fn from(error: TransportError) -> Self {
        Self(Err(error))
    }
}

impl From<Response<Vec<u8>>> for Answer {
    fn from(response: Response<Vec<u8>>) -> Self {
        Self(Ok(response))
    }
}

/// Runs a flow against a peer that is a closure, on a fake clock.
pub fn run<F: Flow>(
    mut flow: F,
    clock: &mut Clock,
    mut peer: impl FnMut(&Seen) -> Answer,
) -> F::Output {
    let mut input = Input::Ready;
    loop {
        input = match flow.step(clock.now(), input) {
            Step::Done(output) => return output,
            Step::Do(Effect::Send(request, sink)) => exchange(request, sink, &mut peer),
            Step::Do(Effect::Wait(time)) => {
                clock.advance(time);
                clock.waits.push(time);
                Input::Ready
            }
        };
    }
}

fn exchange(
    request: Request,
    mut sink: Box<dyn Sink>,
    peer: &mut impl FnMut(&Seen) -> Answer,
) -> Input {
    let mut body = Vec::new();
    if let Err(error) = request.body.reader().read_to_end(&mut body) {
        let failed = TransportError::new(TransportErrorKind::Source, Delivery::Possible);
        return Input::Failed(failed.because(error));
    }
    let seen = Seen {
        method: request.method,
        url: request.url,
        headers: request.headers,
        body: body.into(),
    };
    match peer(&seen).0 {
        Err(error) => Input::Failed(error),
        Ok(response) => {
            let (head, body) = response.into_parts();
            sink.begin(&head);
            let is_head = seen.method == Method::HEAD;
            // In two pieces, as bodies arrive.
            let (first, second) = body.split_at(if is_head { 0 } else { body.len() / 2 });
            for piece in [first, second] {
                if piece.is_empty() || is_head {
                    continue;
                }
                match sink.chunk(piece) {
                    Ok(ControlFlow::Continue(())) => {}
                    Ok(ControlFlow::Break(())) => break,
                    Err(error) => return Input::Failed(TransportError::from_sink(error)),
                }
            }
            match sink.finish() {
                Ok(kept) => Input::Response(Response::from_parts(head, kept)),
                Err(error) => Input::Failed(TransportError::from_sink(error)),
            }
        }
    }
}

/// A peer that expects certain requests, in order, and has an answer for each.
#[derive(Debug)]
pub struct Script {
    clock: Clock,
    expected: VecDeque<(String, Answer)>,
    seen: Vec<Seen>,
}

impl Default for Script {
    fn default() -> Self {
        Self::new()
    }
}

impl Script {
    /// A peer that expects nothing yet, on a clock that stands at 1356998400.
    pub fn new() -> Self {
        Self {
            clock: Clock::at_epoch_seconds(1_356_998_400),
            expected: VecDeque::new(),
            seen: Vec::new(),
        }
    }

    /// Expects a request next, and has this answer for it.
    #[must_use]
    pub fn on(mut self, method: &str, url: &str, answer: impl Into<Answer>) -> Self {
        self.expected
            .push_back((format!("{method} {url}"), answer.into()));
        self
    }

    /// Runs a flow to its end.
    ///
    /// # Panics
    ///
    /// When the flow asks for something else than the script expects.
    pub fn run<F: Flow>(&mut self, flow: F) -> F::Output {
        let Self {
            clock,
            expected,
            seen,
        } = self;
        run(flow, clock, |request| {
            let asked = format!("{} {}", request.method, request.url);
            seen.push(request.clone());
            match expected.pop_front() {
                Some((wanted, answer)) if wanted == asked => answer,
                Some((wanted, _)) => {
                    panic!("the script expects\n  {wanted}\nbut the flow asks\n  {asked}")
                }
                None => panic!("the script is over, but the flow asks\n  {asked}"),
            }
        })
    }

    /// The requests so far.
    pub fn seen(&self) -> &[Seen] {
        &self.seen
    }

    /// The clock.
    pub const fn clock(&mut self) -> &mut Clock {
        &mut self.clock
    }

    /// Ends the script.
    ///
    /// # Panics
    ///
    /// When a request that it expects was never made.
    pub fn finish(self) {
        if let Some((wanted, _)) = self.expected.front() {
            panic!("the flow ended, but the script still expects\n  {wanted}");
        }
    }
}
