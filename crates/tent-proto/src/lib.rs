//! Tent's types, MAC signing, and one file per call.

pub mod call;
mod discover;
mod entity;
mod error;
mod exchange;
mod id;
pub mod json;
pub mod login;
pub mod mac;
pub mod model;
mod origin;
mod page;
mod posts;
mod query;
mod scope;
mod server;
mod session;
mod timestamp;
mod type_uri;

pub use crate::discover::{
    DiscoverEntity, Discovery, DiscoveryError, Doubt, PROFILE_RELATION, discover,
};
pub use crate::entity::{Entity, EntityError};
pub use crate::error::{BuildError, CallError, Refusal};
pub use crate::exchange::Exchange;
pub use crate::id::{AppId, AuthorizationId, GroupId, PostId};
pub use crate::model::{App, Authorization, Permissions, Post, Profile, Token};
pub use crate::page::Page;
pub use crate::posts::Posts;
pub use crate::scope::Scope;
pub use crate::server::{Endpoint, Server, ServerError};
pub use crate::session::Session;
pub use crate::timestamp::Timestamp;
pub use crate::type_uri::TypeUri;
