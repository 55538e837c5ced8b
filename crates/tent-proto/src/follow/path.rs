//! Where a follower wants its posts.

use std::fmt;
use std::str::FromStr;

use percent_encoding::percent_decode_str;

use crate::{FollowingId, Server};

/// Where a follower wants posts to be delivered: a path below the API root of its entity, as in
/// `notifications/Fb3`. It is also where the challenge is put.
///
/// It comes from another server, and is asked by one's own. So it is never absolute, has no query and
/// nothing that leads out of the root, and is at most 1000 bytes long.
///
/// Source: tent.io 0.2, server-protocol; `docs/protocol.md` §6.8.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NotificationPath(String);

/// A text that is not a relative path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a relative path")]
#[non_exhaustive]
pub struct InvalidNotificationPath(pub String);

/// In bytes.
const MAX_LENGTH: usize = 1000;

impl NotificationPath {
    /// The path that servers use for one of their followings.
    pub fn of(id: &FollowingId) -> Self {
        Self(format!("notifications/{}", Server::escaped(id.as_str())))
    }

    /// The following that it is the path of, if it is [one of those](Self::of).
    pub fn following(&self) -> Option<FollowingId> {
        let id = self.0.strip_prefix("notifications/")?;
        if id.contains('/') {
            return None;
        }
        let id = percent_decode_str(id).decode_utf8().ok()?;
        Some(id.into_owned().into())
    }

    /// The text, as it stands in a URL.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for NotificationPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for NotificationPath {
    type Err = InvalidNotificationPath;

    fn from_str(text: &str) -> Result<Self, InvalidNotificationPath> {
        let is_segment = |segment: &str| {
            let decoded = percent_decode_str(segment).decode_utf8();
            decoded.is_ok_and(|decoded| !matches!(&*decoded, "" | "." | ".."))
        };
        let is_unfit = |c: char| c.is_control() || matches!(c, ' ' | '?' | '#' | '\\');
        if text.len() > MAX_LENGTH || text.contains(is_unfit) || !text.split('/').all(is_segment) {
            let beginning = text.chars().take(100).collect();
            return Err(InvalidNotificationPath(beginning));
        }
        Ok(Self(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_path_stays_below_the_root() {
        for text in [
            "",
            "/notifications/F",
            "https://evil.example/F",
            "//evil.example",
            "..",
            "a/../b",
            "a/%2E%2e/b",
            "a/./b",
            "a//b",
            "a/",
            "a\\b",
            "a?b",
            "a#b",
            "a b",
            "a\tb",
            "a/%FF",
            &"a".repeat(1001),
        ] {
            assert!(text.parse::<NotificationPath>().is_err(), "{text:?}");
        }
        for text in ["F", "notifications/F", "a:b/c@d", "n/%2F", "n/é"] {
            let path: NotificationPath = text.parse().unwrap();
            assert_eq!(path.as_str(), text);
        }
    }

    proptest! {
        #[test]
        fn every_following_has_a_path(id in "[^/]{1,40}") {
            prop_assume!(id != "." && id != "..");
            let id = FollowingId::from(id);
            let path = NotificationPath::of(&id);
            prop_assert_eq!(path.as_str().parse(), Ok(path.clone()));
            prop_assert_eq!(path.following(), Some(id));
        }

        #[test]
        fn what_is_a_path_is_one_below_every_root(text in "[a-z./%?#\\\\:@ 2eE\t-]{0,12}") {
            let Ok(path) = text.parse::<NotificationPath>() else { return Ok(()) };
            let server: Server = "https://bob.example/tent".parse().unwrap();
            let url = server.path(path.as_str()).unwrap();
            prop_assert!(url.as_str().starts_with("https://bob.example/tent/"), "{}", url);
            prop_assert!(url.query().is_none() && url.fragment().is_none(), "{}", url);
        }
    }
}
