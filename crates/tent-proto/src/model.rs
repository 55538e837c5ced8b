//! Tent's objects.
//!
//! Reading is lenient and loses nothing: members that nobody here knows are kept with their exact
//! text in `extra` and written back, `null` counts as absent, numbers and booleans may stand in
//! strings (`docs/protocol.md` §9.1). Writing is strict.

mod app;
mod attachment;
mod authorization;
mod content;
mod envelope;
pub(crate) mod extra;
mod follower;
mod following;
mod group;
pub(crate) mod lenient;
mod mention;
pub(crate) mod object;
mod permissions;
mod post;
mod profile;
mod token;
mod view;

pub(crate) use self::app::credentials;
pub use self::app::{App, PostApp};
pub use self::attachment::Attachment;
pub use self::authorization::Authorization;
pub use self::content::{
    Album, Content, Deletion, Essay, GroupChange, Photo, ProfileChange, RelationChange, Repost,
    Status,
};
pub use self::envelope::Envelope;
pub use self::extra::Extra;
pub use self::follower::Follower;
pub use self::following::Following;
pub use self::group::Group;
pub use self::mention::Mention;
pub use self::permissions::Permissions;
pub use self::post::Post;
pub use self::profile::{Basic, Core, Cursor, Position, Profile, Section};
pub use self::token::Token;
pub use self::view::{Condition, Pointer, View};
