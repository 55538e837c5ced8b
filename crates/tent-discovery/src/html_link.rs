//! `<link>` elements in the head of an HTML page (docs/protocol.md §2.5).
//!
//! ```
//! use tent_discovery::html_link::Head;
//!
//! let html = b"<!doctype html><title>A</title><LINK href=/p?a&amp;b rel='me next'><body><link rel=next href=/q>";
//! let page = "https://alice.example/home/".parse()?;
//! let head = Head::parse(html);
//! let links: Vec<_> = head.links().iter().filter(|link| link.has_relation("next")).collect();
//! assert_eq!(links.len(), 1);
//! assert_eq!(head.base(&page).join(links[0].target())?.as_str(), "https://alice.example/p?a&b");
//! # Ok::<(), url::ParseError>(())
//! ```
//!
//! The head alone is read: what users write stands in the body, and must not decide where a page
//! leads. It ends, as in the HTML standard, with `</head>`, with `<body>`, and with the first element
//! or text that cannot stand in a head; and here after [`MAX_HTML`] bytes. What looks like a tag in a
//! comment, a title, a script, a style, a `noscript` or a `template` is none.
//!
//! Bytes that are not UTF-8 become U+FFFD.

mod head_sink;
mod reading;

use url::Url;

pub use self::head_sink::HeadSink;
pub(crate) use self::head_sink::is_html;
use self::reading::Reading;
use crate::relation;

/// How much of an HTML page is looked at, in bytes: 512 KiB.
pub const MAX_HTML: usize = 512 * 1024;

/// What the head of an HTML page says about links.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Head {
    links: Vec<LinkElement>,
    base: Option<String>,
    end: Option<usize>,
}

/// A `link` element that has both `rel` and `href`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkElement {
    rel: Vec<u8>,
    href: String,
}

impl LinkElement {
    /// Its `href`, entities decoded: a URL, or a reference relative to the [base](Head::base).
    pub fn target(&self) -> &str {
        &self.href
    }

    /// Whether its `rel`, a set with spaces between, has this relation, in any ASCII case.
    pub fn has_relation(&self, relation: &str) -> bool {
        relation::is_in(&self.rel, relation)
    }
}

impl Head {
    /// Reads the head of an HTML page. Whatever the bytes are, there is something to read.
    pub fn parse(html: &[u8]) -> Self {
        Reading::of(html).head
    }

    /// The `link` elements, in order.
    pub fn links(&self) -> &[LinkElement] {
        &self.links
    }

    /// What the links of a page at `page` are relative to: the first `base` element with a `href`
    /// that makes a URL, else the page itself.
    pub fn base(&self, page: &Url) -> Url {
        self.base
            .as_deref()
            .and_then(|base| page.join(base).ok())
            .filter(|base| !base.cannot_be_a_base())
            .unwrap_or_else(|| page.clone())
    }

    /// Where the head is over, in bytes: behind the tag that ended it, or in front of the text that
    /// did. `None` when the page, as far as it was given, goes on with its head.
    pub const fn end(&self) -> Option<usize> {
        self.end
    }
}
