//! The dialect before v0.1, as the document "Server API for Apps" of August 2012 has it.
//!
//! No public server is known to have spoken just this; it is here for archives, simulators and
//! converters. Sessions, signing, failover and errors are those of the later dialects; the calls and
//! the objects differ, and are in [`call`] and [`model`]. An entity is a host name here.
//!
//! ```
//! use tent_flow::Seed;
//! use tent_flow::script::{Answer, Script};
//! use tent_proto::Session;
//! use tent_proto::draft::call::{Fetch, GetPost};
//! use tent_proto::mac::{Algorithm, Credentials};
//!
//! let session = Session::new(
//!     "https://smith.me".parse()?,
//!     vec!["https://tent.smith.me".parse()?],
//!     Credentials::new("775ecf8", "489dks293j39", Algorithm::HmacSha1)?,
//!     Seed::new([7; 32]),
//! );
//! let mut server = Script::new().on(
//!     "GET",
//!     "https://tent.smith.me/posts/3fe1abef41cb?entity=smithson%2Eme&fetch=force",
//!     Answer::json(r#"{"id":"3fe1abef41cb","time":1345317776,"scope":"public"}"#),
//! );
//! let call = GetPost::new("3fe1abef41cb").of("smithson.me").fetch(Fetch::Force);
//! assert_eq!(server.run(session.call(call))?.scope.as_deref(), Some("public"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`discover`](crate::discover) recognises the draft by the shape of a profile, and
//! [`login`](crate::login) goes on in the dialect of the [discovery](crate::Discovery::dialect): an app
//! logs in with the same code. [`convert`] makes objects of the later dialects of those of the draft,
//! and back.
//!
//! Source: `docs/protocol.md` §8.

mod approval;
pub mod call;
pub mod convert;
pub mod model;
mod printed;

pub(crate) use self::approval::approval_url;
pub use self::printed::read_printed;
