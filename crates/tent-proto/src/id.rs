//! Identifiers that servers give.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! id {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        ///
        /// Opaque: never parse it, sort by it, or assume a length (`docs/protocol.md` §1.2).
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text)
            }
        }
    };
}

id! {
    /// The id of a post, unique among the posts of one entity.
    PostId
}
id! {
    /// The id of an app at one server, which is its OAuth `client_id` there.
    AppId
}
id! {
    /// The id of an authorization of an app.
    AuthorizationId
}
id! {
    /// The id of a group of an entity.
    GroupId
}
id! {
    /// The id of a following, at the server of the person who follows.
    FollowingId
}
id! {
    /// The id of a follower, at the server of the person who is followed.
    FollowerId
}
