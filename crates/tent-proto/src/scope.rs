//! What an app may do.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

macro_rules! scopes {
    ($($(#[$meta:meta])* $name:ident = $text:literal),* $(,)?) => {
        /// A permission that an app asks for. `write_x` does not imply `read_x`.
        ///
        /// Source: tent.io 0.2, app-auth; `docs/protocol.md` §4.2.
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(from = "String", into = "String")]
        #[non_exhaustive]
        pub enum Scope {
            $($(#[$meta])* $name,)*
            /// A scope that this crate does not know, kept as it is.
            Other(Box<str>),
        }

        impl Scope {
            /// Every scope that this crate knows.
            pub const KNOWN: &[Self] = &[$(Self::$name),*];

            /// Its name in the protocol.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$name => $text,)*
                    Self::Other(text) => text,
                }
            }
        }

        impl From<&str> for Scope {
            fn from(text: &str) -> Self {
                match text {
                    $($text => Self::$name,)*
                    other => Self::Other(other.into()),
                }
            }
        }
    };
}

scopes! {
    /// Posts that are not public, and posts of others, of the granted types.
    ReadPosts = "read_posts",
    /// Creating, updating and deleting posts.
    WritePosts = "write_posts",
    /// Creating posts with an id, entity and time of one's own.
    ImportPosts = "import_posts",
    /// Sections of the profile that are not public.
    ReadProfile = "read_profile",
    /// Reading and changing sections of the profile.
    WriteProfile = "write_profile",
    /// Followers that are not public, with all members.
    ReadFollowers = "read_followers",
    /// Updating and deleting followers.
    WriteFollowers = "write_followers",
    /// Followings that are not public, with all members.
    ReadFollowings = "read_followings",
    /// Following and unfollowing.
    WriteFollowings = "write_followings",
    /// Groups, and the groups of followers and followings.
    ReadGroups = "read_groups",
    /// Creating, renaming and deleting groups.
    WriteGroups = "write_groups",
    /// Who may see a thing, not only whether it is public.
    ReadPermissions = "read_permissions",
    /// Accepted by the reference server, without effect.
    WritePermissions = "write_permissions",
    /// All apps of the account.
    ReadApps = "read_apps",
    /// Changing and deleting any app. Amounts to control of the account.
    WriteApps = "write_apps",
    /// Keys, when the request asks for them too. Amounts to control of the account.
    ReadSecrets = "read_secrets",
    /// Setting keys. Amounts to control of the account.
    WriteSecrets = "write_secrets",
    /// Offering the page on which a person follows somebody.
    FollowUi = "follow_ui",
    /// Offering the page on which a person approves an app.
    AppAuthUi = "app_auth_ui",
}

impl From<String> for Scope {
    fn from(text: String) -> Self {
        text.as_str().into()
    }
}

impl From<Scope> for String {
    fn from(scope: Scope) -> Self {
        scope.as_str().into()
    }
}

impl FromStr for Scope {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(text.into())
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_go_out_and_back_and_unknown_ones_survive() {
        for scope in Scope::KNOWN {
            assert_eq!(&Scope::from(scope.as_str()), scope);
            assert!(!matches!(scope, Scope::Other(_)));
        }
        let unknown: Scope = serde_json::from_str("\"read_minds\"").unwrap();
        assert_eq!(unknown, Scope::Other("read_minds".into()));
        assert_eq!(serde_json::to_string(&unknown).unwrap(), "\"read_minds\"");
    }
}
