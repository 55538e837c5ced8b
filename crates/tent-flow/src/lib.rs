//! A conversation with servers as a value that does no I/O.
//!
//! A [`Flow`] says what to do next, an [`Effect`], and is told how it went. A driver (`tent-blocking`
//! on ureq, `tent-async` on reqwest, or thirty lines of your own) performs the effects. Everything
//! that decides something, such as whom to ask, what to sign, when to try again, is a flow, and so
//! exists once and runs under every driver, and in tests under the [`script`] without a socket.
//!
//! ```
//! use tent_flow::script::{Answer, Script};
//! use tent_flow::sink::Memory;
//! use tent_flow::{Flow, Input, Moment, Request, Step};
//!
//! /// Asks one server and then, if it does not answer, another.
//! struct Ask {
//!     servers: Vec<url::Url>,
//! }
//!
//! impl Flow for Ask {
//!     type Output = Option<bytes::Bytes>;
//!
//!     fn step(&mut self, _now: Moment, input: Input) -> Step<Self::Output> {
//!         if let Input::Response(response) = input {
//!             return Step::Done(Some(response.into_body()));
//!         }
//!         match self.servers.pop() {
//!             Some(url) => Step::send(Request::get(url), Memory::with_limit(1024)),
//!             None => Step::Done(None),
//!         }
//!     }
//! }
//!
//! let servers = vec!["https://b.example/".parse()?, "https://a.example/".parse()?];
//! let mut script = Script::new()
//!     .on("GET", "https://a.example/", Answer::refuses_connection())
//!     .on("GET", "https://b.example/", Answer::status(200).body("hello"));
//! assert_eq!(script.run(Ask { servers }).unwrap(), "hello");
//! # Ok::<(), url::ParseError>(())
//! ```
//!
//! # A driver
//!
//! is one loop: `match flow.step(now, input)`, send, wait or return. It sends each request once,
//! follows no redirect, turns no status into an error, stops reading when the [`Sink`] says so, asks
//! the [`AddressRule`] before it connects, and maps what breaks to a [`TransportError`].
//!
//! # What this crate does not do
//!
//! It knows HTTP requests and answers, and nothing of Tent. It reads no clock (a [`Moment`] is an
//! argument), draws no randomness (a [`Seed`] is), opens nothing.

mod address;
mod body;
mod flow;
mod moment;
pub mod policy;
mod progress;
mod request;
mod scheme;
pub mod script;
mod seed;
mod series;
pub mod sink;
mod trace;
mod transport;

pub use crate::address::{AddressRefused, AddressRule};
pub use crate::body::{Body, BodyReader, Segment, Source, SourceChanged};
pub use crate::flow::{Effect, Flow, Input, Step};
pub use crate::moment::Moment;
pub use crate::progress::{OnProgress, Progress};
pub use crate::request::Request;
pub use crate::scheme::{SchemeRule, UrlRefused, is_loopback};
pub use crate::seed::Seed;
pub use crate::series::Series;
pub use crate::sink::{Sink, TooLarge};
pub use crate::trace::Traced;
pub use crate::transport::{Delivery, TransportError, TransportErrorKind};
