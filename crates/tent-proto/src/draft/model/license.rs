//! Licenses, as objects.

use super::type_reference::split_version;
use crate::model::object::object;

object! {
    /// A license that something is published under.
    ///
    /// Source: `docs/protocol.md` §8.4.
    pub struct License {
        /// The license, without a version.
        pub url: Option<String> = "url",
        /// The version.
        pub version: Option<String> = "version",
    }
}

impl License {
    /// A license of this version.
    pub fn new(url: impl Into<String>, version: impl Into<String>) -> Self {
        Self {
            url: Some(url.into()),
            version: Some(version.into()),
            ..Self::default()
        }
    }

    /// The parts of a URI of the later dialects.
    ///
    /// ```
    /// use tent_proto::draft::model::License;
    ///
    /// let by = License::from_uri("https://creativecommons.org/licenses/by/3.0");
    /// assert_eq!(by.url.as_deref(), Some("https://creativecommons.org/licenses/by/3.0"));
    /// let old = License::from_uri("https://tent.io/types/licenses/creative-commons/v3.0.0");
    /// assert_eq!(old.version.as_deref(), Some("3.0.0"));
    /// ```
    pub fn from_uri(uri: &str) -> Self {
        let (url, version) = split_version(uri);
        Self {
            url: Some(url.to_owned()),
            version: version.map(str::to_owned),
            ..Self::default()
        }
    }

    /// The URI that the later dialects write for it, with the version as that of a type; `None`
    /// without a URL.
    pub fn to_uri(&self) -> Option<String> {
        let url = self.url.as_deref()?;
        Some(match &self.version {
            Some(version) => format!("{url}/v{version}"),
            None => url.to_owned(),
        })
    }
}
