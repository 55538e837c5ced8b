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

use html5gum::{DefaultEmitter, EndTag, StartTag, Token, Tokenizer};
use url::Url;

pub use self::head_sink::HeadSink;
pub(crate) use self::head_sink::is_html;
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
        const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
        let html = html.get(..MAX_HTML).unwrap_or(html);
        let text = html.strip_prefix(BYTE_ORDER_MARK).unwrap_or(html);
        let skipped = html.len() - text.len();

        let mut emitter = DefaultEmitter::<usize>::new_with_span();
        emitter.naively_switch_states(true);
        let mut reading = Reading::default();
        for Ok(token) in Tokenizer::new_with_emitter(text, emitter) {
            if let Some(end) = reading.take(token) {
                reading.head.end = Some((skipped + end).min(html.len()));
                break;
            }
        }
        reading.head
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

/// A head while it is read.
#[derive(Default)]
struct Reading {
    head: Head,
    /// How many `template` elements are open: what they hold is not part of the page.
    templates: u32,
    /// Whether an element is open that holds text alone.
    in_text: bool,
    /// Where text begins that cannot stand in a head. It counts once something follows it: at the end
    /// of a page that has not arrived whole, it may be half a tag.
    text: Option<usize>,
}

impl Reading {
    /// Takes the next token. If the head is over, says where.
    fn take(&mut self, token: Token<usize>) -> Option<usize> {
        match token {
            Token::Error(_) => None,
            _ if self.text.is_some() => self.text,
            Token::StartTag(tag) => self.start(tag),
            Token::EndTag(tag) => self.end(&tag),
            Token::String(text) => {
                let is_space = text.iter().all(u8::is_ascii_whitespace);
                if self.templates == 0 && !self.in_text && !is_space {
                    self.text = Some(text.span.start);
                }
                None
            }
            Token::Comment(_) | Token::Doctype(_) => None,
        }
    }

    fn end(&mut self, tag: &EndTag<usize>) -> Option<usize> {
        self.in_text = false;
        match tag.name.as_slice() {
            b"template" => self.templates = self.templates.saturating_sub(1),
            b"head" | b"body" | b"html" | b"br" if self.templates == 0 => {
                return Some(tag.span.end);
            }
            _ => {}
        }
        None
    }

    fn start(&mut self, tag: StartTag<usize>) -> Option<usize> {
        match tag.name.as_slice() {
            b"template" => self.templates += 1,
            b"title" | b"style" | b"script" | b"noscript" => self.in_text = true,
            _ if self.templates > 0 => {}
            b"link" => self.link(&tag),
            b"base" if self.head.base.is_none() => {
                self.head.base = attribute(&tag, b"href").map(text);
            }
            b"base" | b"basefont" | b"bgsound" | b"head" | b"html" | b"meta" => {}
            _ => return Some(tag.span.end),
        }
        None
    }

    fn link(&mut self, tag: &StartTag<usize>) {
        let (rel, href) = (attribute(tag, b"rel"), attribute(tag, b"href"));
        // An empty `href` leads nowhere, says the HTML standard.
        if let (Some(rel), Some(href)) = (rel, href.filter(|href| !href.is_empty())) {
            self.head.links.push(LinkElement {
                rel: rel.to_vec(),
                href: text(href),
            });
        }
    }
}

fn attribute<'a>(tag: &'a StartTag<usize>, name: &[u8]) -> Option<&'a [u8]> {
    tag.attributes.get(name).map(|value| value.as_slice())
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
