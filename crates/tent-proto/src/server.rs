//! Servers: the API roots of an entity, and the URLs below them.

mod endpoint;

use std::fmt;
use std::str::FromStr;

use percent_encoding::utf8_percent_encode;
use serde::{Deserialize, Serialize};
use url::{Origin, Url};

pub use self::endpoint::Endpoint;
use self::endpoint::RESERVED;
use crate::BuildError;

/// Where an entity's API is: an absolute URL below which the calls have their paths.
///
/// The root may carry a path of its own and a slash at its end.
///
/// Source: tent.io 0.2, app-server; `docs/protocol.md` §1.3.
///
/// ```
/// use tent_proto::Server;
///
/// let server: Server = "https://alice.example/tent/".parse()?;
/// let url = server.endpoint("posts").segment("a/b").pair("version", 3).url()?;
/// assert_eq!(url.as_str(), "https://alice.example/tent/posts/a%2Fb?version=3");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Server(Url);

/// Why a text is not an API root.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ServerError {
    /// It is not a URL.
    #[error("{0:?} is not a URL")]
    Url(String, #[source] url::ParseError),
    /// It is not an https or http URL without user name, query and fragment.
    #[error("{0:?} is not an https or http URL with a host and a path alone")]
    Unsuitable(String),
}

impl Server {
    /// The URL, without slashes at its end.
    pub fn as_str(&self) -> &str {
        self.0.as_str().trim_end_matches('/')
    }

    /// The URL, as [`Url`] writes it.
    pub const fn url(&self) -> &Url {
        &self.0
    }

    /// Scheme, host and port. Keys are used within it alone.
    pub fn origin(&self) -> Origin {
        self.0.origin()
    }

    /// Begins the URL of a call, with the first segment of its path. The path is put below the root;
    /// reference resolution of RFC 3986 would lose a path that the root has.
    pub fn endpoint(&self, first: &str) -> Endpoint<'_> {
        Endpoint::below(&self.0).segment(first)
    }

    /// A text as a segment of a path: all but the unreserved characters of RFC 3986 are encoded.
    pub(crate) fn escaped(segment: &str) -> impl fmt::Display {
        utf8_percent_encode(segment, RESERVED)
    }

    /// The URL of a path below the root, given with its query as it shall be sent. Slashes at the end
    /// of the path and an empty query are dropped: servers drop them before they verify a signature.
    ///
    /// # Errors
    ///
    /// When it names something outside the root, or holds what a URL or a server would collapse: dot
    /// segments, and empty ones in the middle.
    pub fn path(&self, path: &str) -> Result<Url, BuildError> {
        let (segments, query) = path.split_once('?').unwrap_or((path, ""));
        let segments = segments.strip_prefix('/').unwrap_or(segments);
        let segments = segments.trim_end_matches('/');
        let collapses = |segment: &str| {
            let plain = segment.to_ascii_lowercase().replace("%2e", ".");
            matches!(&*plain, "" | "." | "..")
        };
        if path.contains(['\\', '#'])
            || (!segments.is_empty() && segments.split('/').any(collapses))
        {
            return Err(BuildError::Path(path.to_owned()));
        }
        let mut text = self.as_str().to_owned();
        for (before, part) in [('/', segments), ('?', query)] {
            if !part.is_empty() {
                text.push(before);
                text.push_str(part);
            }
        }
        Url::parse(&text).map_err(BuildError::Url)
    }
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Server {
    type Err = ServerError;

    fn from_str(text: &str) -> Result<Self, ServerError> {
        let url = Url::parse(text).map_err(|cause| ServerError::Url(text.to_owned(), cause))?;
        url.try_into()
    }
}

impl TryFrom<Url> for Server {
    type Error = ServerError;

    fn try_from(url: Url) -> Result<Self, ServerError> {
        let suitable = matches!(url.scheme(), "http" | "https")
            && url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none();
        if suitable {
            Ok(Self(url))
        } else {
            Err(ServerError::Unsuitable(url.into()))
        }
    }
}

impl TryFrom<String> for Server {
    type Error = ServerError;

    fn try_from(text: String) -> Result<Self, ServerError> {
        text.parse()
    }
}

impl From<Server> for String {
    fn from(server: Server) -> Self {
        server.as_str().into()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn server(text: &str) -> Server {
        text.parse().unwrap()
    }

    #[test]
    fn paths_go_below_the_root() {
        for root in [
            "https://a.example/tent",
            "https://a.example/tent/",
            "https://a.example/tent//",
        ] {
            let url = server(root).endpoint("posts").url().unwrap();
            assert_eq!(url.as_str(), "https://a.example/tent/posts");
        }
        assert_eq!(
            server("http://x.onion/")
                .path("/posts?limit=2")
                .unwrap()
                .as_str(),
            "http://x.onion/posts?limit=2"
        );
        for (path, target) in [
            ("posts?", "/tent/posts"),
            ("/posts//", "/tent/posts"),
            ("/posts/?limit=2", "/tent/posts?limit=2"),
            ("/", "/tent"),
            ("?a=b", "/tent?a=b"),
        ] {
            let url = server("https://a.example/tent").path(path).unwrap();
            assert_eq!(url.as_str(), format!("https://a.example{target}"));
        }
        let root = server("https://a.example").path("/").unwrap();
        assert_eq!(root.as_str(), "https://a.example/");
    }

    #[test]
    fn what_a_url_would_collapse_is_refused() {
        for id in ["", ".", ".."] {
            let url = server("https://a.example")
                .endpoint("posts")
                .segment(id)
                .url();
            assert!(matches!(url, Err(BuildError::Segment(_))), "{id:?}");
        }
        let odd = ["a\\..\\b", "a#b", "a//b", "//evil.example/posts"];
        for path in ["/../x", "posts/%2E%2e/x", "a/./b"].into_iter().chain(odd) {
            let url = server("https://a.example/tent").path(path);
            assert!(matches!(url, Err(BuildError::Path(_))), "{path:?}");
        }
        let id = server("https://a.example")
            .endpoint("posts")
            .segment("%2e%2e")
            .url();
        assert_eq!(id.unwrap().path(), "/posts/%252e%252e");
    }

    #[test]
    fn roots_are_urls_with_host_and_path_alone() {
        for text in [
            "ftp://a.example",
            "https://u@a.example",
            "https://a.example?x",
            "https://a.example/#x",
            "/tent",
        ] {
            assert!(text.parse::<Server>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn segments_and_values_survive(id in ".{1,20}", value in ".{0,20}") {
            prop_assume!(id != "." && id != "..");
            let url = server("https://a.example/t").endpoint("posts").segment(&id).pair("q", &value).url().unwrap();
            let segment = url.path_segments().unwrap().next_back().unwrap();
            prop_assert_eq!(percent_encoding::percent_decode_str(segment).decode_utf8().unwrap(), id);
            let (_, decoded) = url.query_pairs().next().unwrap();
            prop_assert_eq!(decoded, value);
        }
    }
}
