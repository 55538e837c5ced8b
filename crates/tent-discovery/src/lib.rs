//! From an entity URL to the links it publishes.
//!
//! A person is known by a URL, their entity, and the page there links to what describes them, in a
//! `Link` header or in its HTML head. [`Discover`] is the [flow](tent_flow) from the page to what a
//! link leads to: which links count, in which order they are tried, which redirects are followed, and
//! a [`Trace`] that says why.
//!
//! ```
//! use http::HeaderValue;
//! use tent_discovery::{Discover, Document, ReadError, Reader, Via};
//! use tent_flow::script::{Answer, Script};
//!
//! /// Takes any text for a card.
//! struct Card;
//!
//! impl Reader for Card {
//!     type Document = String;
//!
//!     fn accept(&self, _: &str) -> HeaderValue {
//!         HeaderValue::from_static("text/plain")
//!     }
//!
//!     fn read(&self, document: &Document<'_>) -> Result<String, ReadError> {
//!         Ok(str::from_utf8(document.response.body())?.to_owned())
//!     }
//! }
//!
//! let page = "https://alice.example/".parse()?;
//! let mut script = Script::new()
//!     .on("HEAD", "https://alice.example/", Answer::status(405))
//!     .on(
//!         "GET",
//!         "https://alice.example/",
//!         Answer::status(200)
//!             .header("content-type", "text/html")
//!             .body("<head><link rel='https://cards.example/rel' href='/card'></head>"),
//!     )
//!     .on("GET", "https://alice.example/card", Answer::status(200).body("I am Alice."));
//!
//! let card = script.run(Discover::new(page, ["https://cards.example/rel"], Card)).unwrap();
//! assert_eq!(card.document, "I am Alice.");
//! assert_eq!(card.via, Via::HtmlLink);
//! assert_eq!(
//!     card.trace.to_string(),
//!     "\
//! HEAD https://alice.example/: 405 Method Not Allowed
//!   no link
//! GET https://alice.example/: 200 OK
//!   html-link: https://alice.example/card (https://cards.example/rel)
//! GET https://alice.example/card: 200 OK
//!   read
//! "
//! );
//! # Ok::<(), url::ParseError>(())
//! ```
//!
//! [`link_header`] is of use by itself: lists in pages link to the next page with the same field.
//!
//! # What this crate does not do
//!
//! It knows links, not what they lead to: a [`Reader`] says which documents are wanted and reads
//! them. It does no I/O, and does not say which addresses may be reached: an
//! [`AddressRule`](tent_flow::AddressRule) of the driver does. It keeps nothing from one discovery to
//! the next.

mod discover;
pub mod html_link;
pub mod link_header;
mod reader;
mod relation;
pub mod trace;

pub use crate::discover::{
    Discover, DiscoverError, DiscoverFailure, Discovered, LinkIgnored, MAX_DOCUMENT, MAX_LINKS,
    MAX_REDIRECTS, NotRead, RedirectRefused, Unreadable, Via,
};
pub use crate::reader::{Document, ReadError, Reader};
pub use crate::trace::Trace;
