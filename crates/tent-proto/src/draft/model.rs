//! The objects of the draft. Reading is lenient and loses nothing, as for the
//! [later dialects](crate::model).

mod follower;
mod following;
mod info;
mod license;
mod post;
mod registered;
mod removed;
mod type_reference;

pub use self::follower::Follower;
pub use self::following::Following;
pub use self::info::Info;
pub use self::license::License;
pub use self::post::{Mention, Post};
pub use self::registered::Registered;
pub use self::removed::Removed;
pub use self::type_reference::TypeReference;
