//! Tent's types, MAC signing, and one file per call.
//!
//! Tent is a protocol for personal data servers. A person is an [`Entity`], a URL. From it
//! [`discover`] finds their profile and servers, [`login`] gets an app approved, and a [`Session`]
//! makes signed [calls](call). All of these are [flows](tent_flow::Flow), values that do no I/O:
//! `tent-blocking` runs them on ureq, `tent-async` on reqwest, and anything that can send an HTTP
//! request could.
//!
//! ```
//! use tent_flow::Seed;
//! use tent_flow::script::{Answer, Script};
//! use tent_proto::call::ListPosts;
//! use tent_proto::mac::{Algorithm, Credentials};
//! use tent_proto::{Entity, Post, Session};
//!
//! // What a login leaves behind; `account.session(client.seed())` in a program.
//! let session = Session::new(
//!     Entity::typed("alice.example")?,
//!     vec!["https://alice.example/tent".parse()?],
//!     Credentials::new("u:7nC2wq0Y", "0f1e2d3c4b5a", Algorithm::HmacSha256)?,
//!     Seed::new([7; 32]),
//! );
//!
//! // A peer that plays the server; `client.run(…)` in a program.
//! let mut server = Script::new()
//!     .on("POST", "https://alice.example/tent/posts", Answer::json(r#"{"id":"p1","version":1}"#))
//!     .on("GET", "https://alice.example/tent/posts?limit=5", Answer::json(r#"[{"id":"p1"}]"#));
//!
//! let post = server.run(session.create_post(&Post::status("Hello").public()))?;
//! let page = server.run(session.list_posts(ListPosts::new().limit(5)))?;
//! assert_eq!(page.items[0].id, post.id);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What is where
//!
//! | module | what |
//! | --- | --- |
//! | [`mac`] | MAC request authentication, usable by itself |
//! | [`model`] | posts, profiles, apps and what is in them; nothing that a server sends is lost |
//! | [`call`] | one file per call, and the trait for calls of one's own |
//! | [`multipart`] | posts with attachments as forms, read as they come |
//! | [`notification`] | receiving posts that a server sends to an app |
//! | [`feed`] | what is new in a list, as it comes, each item once |
//! | [`follow`] | how one server follows an entity of another, and how it is challenged |
//! | [`login`] | registration, approval, code, credential: steps that can be stored between them |
//! | [`draft`] | the dialect before v0.1 |
//! | [`json`] | reading JSON, with errors that name the place |
//!
//! # What this crate does not do
//!
//! It opens no socket and no file, reads no clock and draws no randomness: time is a
//! [`Moment`](tent_flow::Moment) and randomness a [`Seed`](tent_flow::Seed), both given by a driver.
//! It does not speak v0.3 of the protocol.
//!
//! # Features
//!
//! `proptest`: the module `strategy`, for property tests of signing.

pub mod call;
mod discover;
pub mod draft;
mod entity;
mod error;
mod exchange;
pub mod feed;
pub mod follow;
mod id;
pub mod json;
mod list;
pub mod login;
pub mod mac;
pub mod media_type;
pub mod model;
pub mod multipart;
pub mod notification;
mod origin;
mod page;
mod policy;
mod profile_edit;
mod query;
mod relation;
mod scope;
mod secret;
mod server;
mod session;
#[cfg(feature = "proptest")]
pub mod strategy;
mod thread;
mod timestamp;
mod type_uri;
mod upload;

pub use crate::discover::{
    Dialect, DiscoverEntity, Discovery, DiscoveryError, Doubt, PROFILE_RELATION, discover,
};
pub use crate::entity::{Entity, EntityError};
pub use crate::error::{BuildError, CallError, Refusal, Unconfirmed};
pub use crate::exchange::{Exchange, FindPost};
pub use crate::feed::Feed;
pub use crate::id::{AppId, AuthorizationId, FollowerId, FollowingId, GroupId, PostId};
pub use crate::list::{Key, List, Listing, Place};
pub use crate::model::{App, Authorization, Permissions, Post, Profile, Token};
pub use crate::page::{Direction, Page};
pub use crate::policy::{Policy, WaitReason, Waiting};
pub use crate::profile_edit::EditProfile;
pub use crate::query::{Bound, Query};
pub use crate::relation::FindByEntity;
pub use crate::scope::Scope;
pub use crate::secret::Secret;
pub use crate::server::{Endpoint, Server, ServerError};
pub use crate::session::Session;
pub use crate::thread::{Answer, Missing, ReadThread, Thread};
pub use crate::timestamp::Timestamp;
pub use crate::type_uri::TypeUri;
pub use crate::upload::Upload;
