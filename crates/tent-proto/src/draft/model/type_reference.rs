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
