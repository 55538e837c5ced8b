//! Types, as objects.

use crate::TypeUri;
use crate::model::object::object;

object! {
    /// The type of a post or of a part of a profile, and maybe a view.
    ///
    /// Source: `docs/protocol.md` §8.4.
    pub struct TypeReference {
        /// The type, without a version.
        pub url: Option<String> = "url",
        /// The version, as in `0.1.0`.
        pub version: Option<String> = "version",
        /// The view; `full` is meant when there is none.
        pub view: Option<String> = "view",
    }
}

impl TypeReference {
    /// A type of this version.
    pub fn new(url: impl Into<String>, version: impl Into<String>) -> Self {
        Self {
            url: Some(url.into()),
            version: Some(version.into()),
            ..Self::default()
        }
    }

    /// In a view.
    #[must_use]
    pub fn in_view(mut self, view: impl Into<String>) -> Self {
        self.view = Some(view.into());
        self
    }

    /// The parts of a URI of the later dialects. Text that is not made of those parts is the URL, whole.
    ///
    /// ```
    /// use tent_proto::TypeUri;
    /// use tent_proto::draft::model::TypeReference;
    ///
    /// let photo = TypeUri::from("https://tent.io/types/post/photo/v0.1.0#meta");
    /// let expected = TypeReference::new("https://tent.io/types/post/photo", "0.1.0").in_view("meta");
    /// assert_eq!(TypeReference::from_uri(&photo), expected);
    /// ```
    pub fn from_uri(uri: &TypeUri) -> Self {
        let (text, view) = match uri.as_str().split_once('#') {
            Some((text, view)) if !view.is_empty() => (text, Some(view)),
            _ => (uri.as_str(), None),
        };
        let (url, version) = split_version(text);
        Self {
            url: Some(url.to_owned()),
            version: version.map(str::to_owned),
            view: view.map(str::to_owned),
            ..Self::default()
        }
    }

    /// A type as queries name it: its URL, maybe number signs, and a version or a view behind them.
    ///
    /// Source: `docs/protocol.md` §8.3 and §8.7.
    ///
    /// ```
    /// use tent_proto::draft::model::TypeReference;
    ///
    /// let photo = TypeReference::from_filter("https://tent.io/types/posts/photo##thumb");
    /// assert_eq!(photo.view.as_deref(), Some("thumb"));
    /// let status = TypeReference::from_filter("https://tent.io/types/posts/status##0.1.0");
    /// assert_eq!(status, TypeReference::new("https://tent.io/types/posts/status", "0.1.0"));
    /// ```
    pub fn from_filter(text: &str) -> Self {
        let (url, behind) = text.split_once('#').unwrap_or((text, ""));
        let behind = behind.trim_start_matches('#');
        let (url, version) = split_version(url);
        let mut reference = Self {
            url: Some(url.to_owned()),
            version: version.map(str::to_owned),
            ..Self::default()
        };
        let is_version = behind.starts_with(|c: char| c.is_ascii_digit())
            && behind.chars().all(|c| c.is_ascii_digit() || c == '.');
        match behind {
            "" => {}
            _ if is_version => reference.version = Some(behind.to_owned()),
            _ => reference.view = Some(behind.to_owned()),
        }
        reference
    }

    /// The URI that the later dialects write for it; `None` without a URL.
    ///
    /// ```
    /// use tent_proto::draft::model::TypeReference;
    ///
    /// let status = TypeReference::new("https://tent.io/types/posts/status", "0.1.0").in_view("full");
    /// assert_eq!(
    ///     status.to_uri().unwrap().as_str(),
    ///     "https://tent.io/types/posts/status/v0.1.0#full"
    /// );
    /// ```
    pub fn to_uri(&self) -> Option<TypeUri> {
        let mut uri = self.url.clone()?;
        for (before, part) in [("/v", &self.version), ("#", &self.view)] {
            if let Some(part) = part {
                uri.push_str(before);
                uri.push_str(part);
            }
        }
        Some(uri.into())
    }
}

/// What is before `/v` and the version behind it: numbers and dots, or a constraint such as `~> 1.1`.
pub(crate) fn split_version(text: &str) -> (&str, Option<&str>) {
    let is_version = |rest: &str| {
        let is_number = |c: char| c.is_ascii_digit() || matches!(c, '.' | 'x');
        let is_constraint = rest.starts_with(['~', '<', '>', '=']);
        is_constraint || (rest.starts_with(|c| c != '.') && rest.chars().all(is_number))
    };
    match text.rsplit_once("/v") {
        Some((url, rest)) if !url.is_empty() && is_version(rest) => (url, Some(rest)),
        _ => (text, None),
    }
}
