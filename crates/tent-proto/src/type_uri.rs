//! Type URIs: what kind a post or a section of a profile is.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The URI of a post type or of a profile info type: a base, a version, and sometimes a view, as in
/// `https://tent.io/types/post/status/v0.1.0#full`; or the word `all`.
///
/// Any text is kept as it came.
///
/// Source: tent.io 0.2, post-types and info-types; `docs/protocol.md` §1.7.
///
/// ```
/// use tent_proto::TypeUri;
///
/// let photo = TypeUri::from("https://tent.io/types/post/photo/v0.1.x#meta");
/// assert_eq!(photo.base(), "https://tent.io/types/post/photo");
/// assert_eq!(photo.version(), Some("0.1.x"));
/// assert_eq!(photo.view(), Some("meta"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TypeUri(String);

impl TypeUri {
    /// Every type, where a list of types is asked for.
    pub fn all() -> Self {
        Self("all".into())
    }

    /// A status, the short text post.
    pub fn status() -> Self {
        Self("https://tent.io/types/post/status/v0.1.0".into())
    }

    /// An essay, the long text post.
    pub fn essay() -> Self {
        Self("https://tent.io/types/post/essay/v0.1.0".into())
    }

    /// A photo.
    pub fn photo() -> Self {
        Self("https://tent.io/types/post/photo/v0.1.0".into())
    }

    /// An album of photos.
    pub fn album() -> Self {
        Self("https://tent.io/types/post/album/v0.1.0".into())
    }

    /// A post that passes another one on.
    pub fn repost() -> Self {
        Self("https://tent.io/types/post/repost/v0.1.0".into())
    }

    /// A change of the profile, as a server tells it.
    pub fn profile() -> Self {
        Self("https://tent.io/types/post/profile/v0.1.0".into())
    }

    /// The deletion of a post, as a server tells it.
    pub fn delete() -> Self {
        Self("https://tent.io/types/post/delete/v0.1.0".into())
    }

    /// A change of a following, as a server tells it.
    pub fn following() -> Self {
        Self("https://tent.io/types/post/following/v0.1.0".into())
    }

    /// A change of a follower, as a server tells it.
    pub fn follower() -> Self {
        Self("https://tent.io/types/post/follower/v0.1.0".into())
    }

    /// A change of a group, as the reference server tells it.
    pub fn group() -> Self {
        Self("https://tent.io/types/post/group/v0.1.0".into())
    }

    /// The core section of a profile.
    pub fn core() -> Self {
        Self("https://tent.io/types/info/core/v0.1.0".into())
    }

    /// The basic section of a profile.
    pub fn basic() -> Self {
        Self("https://tent.io/types/info/basic/v0.1.0".into())
    }

    /// The cursor section of a profile: how far a person has read.
    pub fn cursor() -> Self {
        Self("https://tent.io/types/info/cursor/v0.1.0".into())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is the word `all`.
    pub fn is_all(&self) -> bool {
        self.0 == "all"
    }

    /// What comes before the version. Servers match types by their base.
    pub fn base(&self) -> &str {
        self.split().0
    }

    /// The version, without the `v`; a component may be `x`, which stands for any number.
    pub fn version(&self) -> Option<&str> {
        self.split().1
    }

    /// The view, after `#`.
    pub fn view(&self) -> Option<&str> {
        let (_, view) = self.0.split_once('#')?;
        Some(view).filter(|view| !view.is_empty())
    }

    /// Whether both have the same base, or one is `all`.
    pub fn matches_base(&self, other: &Self) -> bool {
        self.is_all() || other.is_all() || self.base() == other.base()
    }

    /// Whether both have the same base and versions that agree component by component, an `x`
    /// agreeing with all.
    ///
    /// ```
    /// use tent_proto::TypeUri;
    ///
    /// let any = TypeUri::from("https://tent.io/types/info/core/v0.1.x");
    /// assert!(any.matches(&TypeUri::core()));
    /// assert!(!any.matches(&TypeUri::from("https://tent.io/types/info/core/v0.2.0")));
    /// ```
    pub fn matches(&self, other: &Self) -> bool {
        let agree = |a: &str, b: &str| {
            let is_any = |component: &str| component.eq_ignore_ascii_case("x");
            let number = |component: &str| component.parse::<u64>().ok();
            is_any(a) || is_any(b) || a == b || number(a).is_some_and(|a| Some(a) == number(b))
        };
        self.base() == other.base()
            && match (self.version(), other.version()) {
                (None, None) => true,
                (Some(a), Some(b)) => {
                    a.split('.').count() == b.split('.').count()
                        && a.split('.').zip(b.split('.')).all(|(a, b)| agree(a, b))
                }
                _ => false,
            }
    }

    fn split(&self) -> (&str, Option<&str>) {
        let uri = self.0.split_once('#').map_or(&*self.0, |(uri, _)| uri);
        let version = |rest: &str| {
            rest.starts_with(|c: char| c.is_ascii_digit() || c == 'x')
                && rest
                    .bytes()
                    .all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'x'))
        };
        match uri.rsplit_once("/v") {
            Some((base, rest)) if version(rest) => (base, Some(rest)),
            _ => (uri, None),
        }
    }
}

impl fmt::Display for TypeUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<&str> for TypeUri {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl From<String> for TypeUri {
    fn from(text: String) -> Self {
        Self(text)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn odd_uris_have_what_parts_they_have() {
        for (text, base, version, view) in [
            ("all", "all", None, None),
            (
                "https://a.example/vault",
                "https://a.example/vault",
                None,
                None,
            ),
            (
                "https://a.example/t/v1",
                "https://a.example/t",
                Some("1"),
                None,
            ),
            (
                "https://a.example/t/v0.1.0##meta",
                "https://a.example/t",
                Some("0.1.0"),
                Some("#meta"),
            ),
            (
                "https://a.example/t/v0.1.0#",
                "https://a.example/t",
                Some("0.1.0"),
                None,
            ),
            ("", "", None, None),
        ] {
            let uri = TypeUri::from(text);
            assert_eq!(
                (uri.base(), uri.version(), uri.view()),
                (base, version, view)
            );
        }
    }

    #[test]
    fn versions_are_compared_as_numbers() {
        let a = TypeUri::from("https://a.example/t/v0.01.0");
        let b = TypeUri::from("https://a.example/t/v0.1.0");
        assert!(a.matches(&b) && a.matches_base(&b));
        assert!(!a.matches(&TypeUri::from("https://a.example/t/v0.1")));
        assert!(!a.matches(&TypeUri::from("https://a.example/t")));
        assert!(TypeUri::all().matches_base(&a));
    }

    proptest! {
        #[test]
        fn the_parts_make_up_the_whole(base in "https://[a-z/]{0,12}", version in "[0-9x]{1,2}(\\.[0-9x]{1,2}){0,2}", view in "[a-z]{1,5}") {
            let uri = TypeUri::from(format!("{base}/v{version}#{view}"));
            prop_assert_eq!(uri.base(), base);
            prop_assert_eq!(uri.version(), Some(version.as_str()));
            prop_assert_eq!(uri.view(), Some(view.as_str()));
            prop_assert!(uri.matches(&uri));
        }

        #[test]
        fn no_text_panics(text in ".{0,40}") {
            let uri = TypeUri::from(text);
            prop_assert!(uri.as_str().starts_with(uri.base()));
        }
    }
}
