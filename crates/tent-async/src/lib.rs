//! Runs flows on `reqwest`.
//!
//! A [`Client`] performs what a [`Flow`] asks for, on the Tokio runtime it is awaited in, which needs
//! its timers and I/O on: it sends each request once, and stops reading when the [`Sink`] says so.
//! `tent-blocking` is the same without `.await`.
//!
//! Dropping a future ends what it does, and frees its place where there is a bound on what is
//! [in flight](ClientBuilder::in_flight). Sources, and sinks that [block], are read and
//! written on Tokio's threads for blocking work.
//!
//! ```
//! # let server = std::net::TcpListener::bind("127.0.0.1:0")?;
//! # let page: url::Url = format!("http://{}/", server.local_addr()?).parse()?;
//! # std::thread::spawn(move || {
//! #     use std::io::{Read, Write};
//! #     let mut peer = server.accept().unwrap().0;
//! #     let _ = peer.read(&mut [0; 1024]).unwrap();
//! #     peer.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello").unwrap();
//! # });
//! use tent_async::Client;
//! use tent_flow::sink::Memory;
//! use tent_flow::{Flow, Input, Moment, Request, Step, TransportError};
//!
//! /// Fetches a page.
//! struct Fetch(url::Url);
//!
//! impl Flow for Fetch {
//!     type Output = Result<bytes::Bytes, TransportError>;
//!
//!     fn step(&mut self, _now: Moment, input: Input) -> Step<Self::Output> {
//!         match input {
//!             Input::Ready => Step::send(Request::get(self.0.clone()), Memory::with_limit(1024)),
//!             Input::Response(response) => Step::Done(Ok(response.into_body())),
//!             Input::Failed(error) => Step::Done(Err(error)),
//!         }
//!     }
//! }
//!
//! # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
//! let client = Client::new()?;
//! assert_eq!(client.run(Fetch(page)).await?, "hello");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What this crate does not do
//!
//! It knows HTTP and nothing of what is said over it. It follows no redirect, repeats nothing, turns
//! no status into an error and decompresses nothing: what is to be done about an answer, a flow says.
//! It has no features.
//!
//! [`Flow`]: tent_flow::Flow
//! [`Sink`]: tent_flow::Sink
//! [block]: tent_flow::Sink::blocks

mod blocking_sink;
mod builder;
mod client;
mod convert;
mod file_source;
mod gate;
mod items;
mod resolver;
mod roots;
mod streamed_body;

pub use crate::builder::{BuildError, ClientBuilder};
pub use crate::client::Client;
pub use crate::file_source::FileSource;
pub use crate::items::Items;
