//! Faults to put under code that talks to servers: under a flow, or between two sockets.
//!
//! [`Faults`] say which request meets which [`Fault`]. The same faults work in two places:
//!
//! - [`Faults::under`] wraps a flow, so that they happen under any driver, and under
//!   [`tent_flow::script`] on a fake clock. What is drawn at random comes from a seed.
//! - A [`Peer`] is a server or a proxy on a loopback port that does it with real bytes.
//!
//! ```
//! use tent_flow::script::{Answer, Clock, run};
//! use tent_testkit::faults::{Fault, Faults};
//! # use tent_flow::sink::Memory;
//! # use tent_flow::{Flow, Input, Moment, Request, Step};
//! # struct Fetch;
//! # impl Flow for Fetch {
//! #     type Output = Option<u16>;
//! #     fn step(&mut self, _now: Moment, input: Input) -> Step<Option<u16>> {
//! #         let url = "https://alice.example/".parse().unwrap();
//! #         match input {
//! #             Input::Ready => Step::send(Request::get(url), Memory::with_limit(1024)),
//! #             Input::Response(response) => Step::Done(Some(response.status().as_u16())),
//! #             Input::Failed(_) => Step::Done(None),
//! #         }
//! #     }
//! # }
//!
//! // The server is busy twice, then the connection breaks after the request, then all is well.
//! let busy = Fault::instead(503, &[("retry-after", "2")], "");
//! let faults = Faults::of([busy.clone(), busy, Fault::ResetAfter]);
//! let mut clock = Clock::at_epoch_seconds(1_356_998_400);
//! let mut outcomes = Vec::new();
//! for _ in 0..4 {
//!     let flow = faults.under(Fetch); // a flow as any other: client.run(flow) runs it, too
//!     outcomes.push(run(flow, &mut clock, |_| Answer::status(200)));
//! }
//! assert_eq!(outcomes, [Some(503), Some(503), None, Some(200)]);
//! ```

mod altered;
mod disturbed;
mod held;
mod peer;
mod plan;
mod wire;

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response, StatusCode};

pub use self::disturbed::{Deliver, Disturbed, DisturbedSeries};
pub use self::peer::Peer;
pub use self::plan::Faults;

/// What happens to one request.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub enum Fault {
    /// Nothing: it is answered.
    #[default]
    None,
    /// It is answered, but it takes this long to get there.
    Delay(Duration),
    /// Nobody listens. A [`Peer`], which does listen, closes the connection at once instead.
    Refused,
    /// The connection is reset before any of the request is read.
    ResetBefore,
    /// The connection is reset when half of the request's body has arrived.
    ResetDuring,
    /// The connection breaks when the whole request has arrived, and has been carried out.
    ResetAfter,
    /// The request is taken, not carried out, and never answered.
    Silent,
    /// The request is never answered, and arrives so many requests later: for 0 right before the next
    /// one, and at the latest when it is [delivered](Faults::deliver).
    Late(usize),
    /// The answer breaks off after so many bytes of its body.
    Truncated(usize),
    /// The body of the answer is filled up with spaces to so many bytes, and announces them.
    Oversized(u64),
    /// The body of the answer takes this long to arrive.
    SlowBody(Duration),
    /// The answer is a page of HTML, as proxies like to send them.
    Html,
    /// The answer says that its body is of this type.
    ContentType(HeaderValue),
    /// This is answered, and the server never sees the request.
    Instead(Box<Response<Bytes>>),
    /// The server carries the request out, and then this is answered.
    After(Box<Response<Bytes>>),
}

impl Fault {
    /// An answer without asking the server: a `429` or `503` for instance.
    ///
    /// # Panics
    ///
    /// When the status or a header field is none.
    pub fn instead(status: u16, headers: &[(&str, &str)], body: &'static str) -> Self {
        Self::Instead(Box::new(response(status, headers, body)))
    }

    /// An answer that hides what the server has done: a `502` of a proxy for instance.
    ///
    /// # Panics
    ///
    /// When the status or a header field is none.
    pub fn after(status: u16, headers: &[(&str, &str)], body: &'static str) -> Self {
        Self::After(Box::new(response(status, headers, body)))
    }

    /// An answer that says that its body is of this type.
    pub const fn content_type(name: &'static str) -> Self {
        Self::ContentType(HeaderValue::from_static(name))
    }
}

fn response(status: u16, headers: &[(&str, &str)], body: &'static str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from_static(body.as_bytes()));
    *response.status_mut() = StatusCode::from_u16(status).expect("a status is three digits");
    for (name, value) in headers {
        let name: HeaderName = name.parse().expect("a header name");
        let value = HeaderValue::from_str(value).expect("a header value");
        response.headers_mut().append(name, value);
    }
    response
}

/// What a proxy says when it has nothing better.
const PAGE: &str = "<!DOCTYPE html>\n<html><head><title>Welcome</title></head>\
    <body><h1>It works!</h1></body></html>\n";
