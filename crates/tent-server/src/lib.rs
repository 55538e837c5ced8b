//! A Tent server to embed or run.
//!
//! A [`TentServer`] speaks Tent 0.2, and the [draft](tent_proto::draft) before it, for one entity and
//! keeps everything in one [`Database`]. It gives an axum [router](TentServer::router) for a program of
//! your own, or [serves](TentServer::serve) a listener by itself.
//!
//! ```
//! use tent_server::{Database, TentServer};
//!
//! # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
//! let server = TentServer::builder()
//!     .entity(format!("http://{}", listener.local_addr()?).parse()?)
//!     .database(Database::in_memory()?)
//!     .passphrase("correct horse battery staple")
//!     .build()
//!     .await?;
//!
//! let stop = async { /* a signal, say */ };
//! server.serve(listener, stop).await?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The owner
//!
//! The entity is made on the first start, with a profile and a passphrase, of which an argon2id hash
//! is kept. The owner signs in with it to approve apps, at `/oauth/authorize`, to see and revoke them,
//! at `/settings/apps`, to change it, at `/settings`, and to follow somebody by a link of theirs, at
//! `/follow`. The pages work without scripts; their fields are an interface too: `passphrase` signs in,
//! `decision` is `approve` or `deny`, and the hidden fields go along with either.
//!
//! # Files of posts
//!
//! What is attached to posts is in a [folder](ServerBuilder::attachments), each file once, under the
//! SHA-256 of its content. Files are written as they come and read as they go, so their size does not
//! matter to memory. A post that was acknowledged has its files, whatever happens then; files that no
//! post has are removed.
//!
//! Files of other entities' posts stay where they are: apps of the owner read them through this server,
//! which asks for them as the follower that the entity is there.
//!
//! # The draft
//!
//! Apps of the dialect before v0.1 find a root of their own, `/draft` below the other one, which the
//! entity's page names in its `Tent-Server` field. They see the same posts, people and profile as apps of
//! v0.2, in their own words. Servers follow each other in v0.2 alone: in the draft nothing would prove who
//! it is that wants to follow.
//!
//! # Other servers
//!
//! What is published goes to the followers who want it and may see it, to those whom it mentions, and to
//! apps that ask for notifications. It is queued in the database by the write that publishes it, and
//! tried again for three days. Posts of others are taken from their own servers alone: what comes
//! unsigned is fetched from the entity it names. After a start the server asks those who are followed
//! for what it may have missed.
//!
//! # Behind a proxy
//!
//! The scheme comes from the server's own root, host and port from the `Host` header, which a proxy
//! has to leave as it is; requests for any other host are refused. Strangers are counted by address, so
//! behind a proxy all are one, unless the proxy is [named](ServerBuilder::proxy) and says where they
//! come from; browsers in which the owner signed in before are not held up by the guesses of others.

mod account;
mod answer;
mod app;
mod approval;
mod attachment;
mod attempts;
mod authorization;
mod body;
mod builder;
mod caller;
mod connection;
mod cors;
mod date;
mod delivery;
mod draft;
mod error;
mod feed;
mod forwarded;
mod group;
mod home;
mod host;
mod hosting;
mod incoming;
mod limit;
mod metrics;
mod monitor;
mod nonce;
mod notification;
mod own_app;
mod owner;
mod page;
mod paging;
mod passphrase;
mod peers;
mod post;
mod profile;
mod query;
mod redirect;
mod relation;
mod removal;
mod resources;
mod router;
mod secret;
mod server;
mod session;
mod settings;
mod sign_in;
mod storage;
mod test_server;

pub use crate::attachment::AttachmentLimits;
pub use crate::builder::{ServerBuilder, StartError};
pub use crate::hosting::{HostBuilder, TentHost};
pub use crate::limit::{Limit, LimitError, Limits};
pub use crate::nonce::WINDOW;
pub use crate::own_app::OwnAppError;
pub use crate::passphrase::Passphrase;
pub use crate::server::TentServer;
pub use crate::storage::{BackupError, Database, DatabaseError, DatabasePlace};
pub use crate::test_server::{TestServer, TestServerError};
