//! The `Link` header field (RFC 8288; docs/protocol.md §2.4).
//!
//! ```
//! use tent_discovery::link_header;
//!
//! let value = r#"</a,b>; rel="prev"; title="a \"b\"", <https://t.example/p>; rel="me next""#;
//! let next = link_header::parse(value)
//!     .filter_map(Result::ok)
//!     .find(|link| link.has_relation("next"))
//!     .unwrap();
//! assert_eq!(next.target(), "https://t.example/p");
//! ```
//!
//! The parser borrows, allocates nothing, and passes every byte once. It takes what can be taken: a
//! link is good although garbage follows it, and garbage ends at the next comma outside quotes and
//! angle brackets. What is wrong comes out as a [`LinkError`] between the good links.
//!
//! A field value is bytes. A target must be UTF-8, which ASCII is; other bytes of a field need not.

mod cursor;
mod error;
mod write;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::iter;

use http::HeaderMap;
use http::header::LINK;
use url::Url;

use self::cursor::{Cursor, Problem, Value};
pub use self::error::{LinkError, LinkErrorKind};
pub use self::write::LinkValue;
use crate::relation;

/// The links in one `Link` field, in order.
pub fn parse<V: AsRef<[u8]> + ?Sized>(value: &V) -> Links<'_> {
    Links::new(value.as_ref(), 0)
}

/// The links in all `Link` fields, in order, as though the fields were joined by commas; but what is
/// left open in one field does not reach into the next.
pub fn links(headers: &HeaderMap) -> impl Iterator<Item = Result<Link<'_>, LinkError>> {
    let fields = headers.get_all(LINK).iter().enumerate();
    fields.flat_map(|(field, value)| Links::new(value.as_bytes(), field))
}

/// The first link with this relation, among those that are about the resource itself, which a link
/// with an [anchor](Link::has_anchor) is not.
pub fn find<'a>(headers: &'a HeaderMap, relation: &str) -> Option<Link<'a>> {
    links(headers)
        .filter_map(Result::ok)
        .find(|link| link.has_relation(relation) && !link.has_anchor())
}

/// Where the links with this relation lead, resolved against `base`, which is the URL that was asked
/// last.
///
/// Links with an [anchor](Link::has_anchor) are left out, and so are duplicates and all that is not
/// `http` or `https`.
///
/// ```
/// use http::{HeaderMap, HeaderValue, header::LINK};
/// use tent_discovery::link_header;
///
/// let mut headers = HeaderMap::new();
/// headers.append(LINK, HeaderValue::from_static(r#"</posts?before_id=zz>; rel="next""#));
/// let base = "https://alice.example/tent/posts".parse()?;
/// let next = link_header::first_target(&headers, &base, "next").unwrap();
/// assert_eq!(next.as_str(), "https://alice.example/posts?before_id=zz");
/// # Ok::<(), url::ParseError>(())
/// ```
pub fn targets<'a>(
    headers: &'a HeaderMap,
    base: &'a Url,
    relation: &'a str,
) -> impl Iterator<Item = Url> + use<'a> {
    let mut seen = BTreeSet::new();
    links(headers)
        .filter_map(Result::ok)
        .filter(move |link| link.has_relation(relation) && !link.has_anchor())
        .filter_map(|link| base.join(link.target()).ok())
        .filter(|url| matches!(url.scheme(), "http" | "https"))
        .filter(move |url| seen.insert(url.clone()))
}

/// Where the first of the [`targets`] is.
pub fn first_target(headers: &HeaderMap, base: &Url, relation: &str) -> Option<Url> {
    targets(headers, base, relation).next()
}

/// The links in one `Link` field, and what is wrong in it, in order. Made by [`parse`].
#[derive(Debug, Clone)]
pub struct Links<'a> {
    cursor: Cursor<'a>,
    field: usize,
    /// What is wrong behind the last link.
    problem: Option<Problem>,
}

impl<'a> Links<'a> {
    const fn new(value: &'a [u8], field: usize) -> Self {
        Self {
            cursor: Cursor::new(value),
            field,
            problem: None,
        }
    }

    fn link(&mut self) -> Result<Link<'a>, Problem> {
        let open = self.cursor.at();
        let target = self
            .cursor
            .target()
            .inspect_err(|_| self.cursor.skip_element())?;
        let target = str::from_utf8(target);
        let link = self.rest_of_link(target.unwrap_or_default());
        match target {
            Ok(_) => Ok(link),
            Err(_) => Err((open, LinkErrorKind::TargetNotUtf8)),
        }
    }

    /// Reads from behind the target to the end of the link.
    fn rest_of_link(&mut self, target: &'a str) -> Link<'a> {
        let start = self.cursor.at();
        let mut end = start;
        let mut rel = None;
        let mut has_anchor = false;
        loop {
            match self.cursor.parameter() {
                Ok(Some(written)) if written.is_token => {
                    if written.name.eq_ignore_ascii_case(b"rel") {
                        rel = rel.or(Some(written.value));
                    } else if written.name.eq_ignore_ascii_case(b"anchor") {
                        has_anchor = true;
                    }
                }
                Ok(Some(written)) => {
                    let problem = (written.at, LinkErrorKind::ParameterName);
                    self.problem.get_or_insert(problem);
                }
                Ok(None) => break,
                Err(problem) => {
                    self.problem.get_or_insert(problem);
                    self.cursor.skip_element();
                    break;
                }
            }
            end = self.cursor.at();
        }
        Link {
            target,
            parameters: self.cursor.between(start, end),
            rel: rel.flatten(),
            has_anchor,
        }
    }
}

impl<'a> Iterator for Links<'a> {
    type Item = Result<Link<'a>, LinkError>;

    fn next(&mut self) -> Option<Self::Item> {
        let result = match self.problem.take() {
            Some(problem) => Err(problem),
            None => {
                self.cursor.skip_empty_elements();
                self.cursor.peek()?;
                self.link()
            }
        };
        Some(result.map_err(|(offset, kind)| LinkError {
            field: self.field,
            offset,
            kind,
        }))
    }
}

impl iter::FusedIterator for Links<'_> {}

/// One link of a `Link` field.
///
/// Its `Display` is the link as a valid link-value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link<'a> {
    target: &'a str,
    parameters: &'a [u8],
    rel: Option<Value<'a>>,
    has_anchor: bool,
}

impl<'a> Link<'a> {
    /// The target as it is written: a URL, or a relative reference, which may be empty.
    pub const fn target(&self) -> &'a str {
        self.target
    }

    /// Whether its first `rel` parameter, which alone counts, has this relation, in any ASCII case.
    pub fn has_relation(&self, relation: &str) -> bool {
        self.rel.is_some_and(|rel| {
            if rel.has_escapes() {
                relation::is_among(rel.unescaped(), relation)
            } else {
                relation::is_in(rel.bytes, relation)
            }
        })
    }

    /// Whether it has an `anchor` parameter, and so says something about another resource than the
    /// one that was asked for.
    pub const fn has_anchor(&self) -> bool {
        self.has_anchor
    }

    /// Its parameters, in order. Those whose name is not a token are left out.
    pub fn parameters(&self) -> impl Iterator<Item = Parameter<'a>> + use<'a> {
        let mut cursor = Cursor::new(self.parameters);
        iter::from_fn(move || cursor.parameter().ok().flatten())
            .filter(|written| written.is_token)
            .map(|written| Parameter {
                name: str::from_utf8(written.name).unwrap_or_default(), // a token is ASCII
                value: written.value,
            })
    }
}

/// A parameter of a [`Link`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parameter<'a> {
    name: &'a str,
    value: Option<Value<'a>>,
}

impl<'a> Parameter<'a> {
    /// Its name as it is written. Names are compared without regard to ASCII case.
    pub const fn name(&self) -> &'a str {
        self.name
    }

    /// Its value as it is written, without the quotes but with the backslashes; `None` when it has
    /// none.
    pub fn raw(&self) -> Option<&'a [u8]> {
        self.value.map(|value| value.bytes)
    }

    /// Its value without the backslashes; what is not UTF-8 becomes U+FFFD. Borrowed where that is
    /// possible.
    pub fn value(&self) -> Option<Cow<'a, str>> {
        self.value.map(|value| {
            if value.has_escapes() {
                let bytes: Vec<u8> = value.unescaped().collect();
                Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())
            } else {
                String::from_utf8_lossy(value.bytes)
            }
        })
    }
}

impl<'a> Value<'a> {
    fn has_escapes(self) -> bool {
        self.is_quoted && memchr::memchr(b'\\', self.bytes).is_some()
    }

    fn unescaped(self) -> impl Iterator<Item = u8> + use<'a> {
        let mut bytes = self.bytes.iter().copied();
        iter::from_fn(move || match bytes.next() {
            Some(b'\\') => bytes.next(),
            byte => byte,
        })
    }
}
