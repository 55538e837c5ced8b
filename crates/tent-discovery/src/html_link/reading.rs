//! The head of an HTML page while it is read.

use std::ops::Range;

use html5gum::emitters::callback::{CallbackEmitter, CallbackEvent};
use html5gum::{Span, Tokenizer};

use super::{Head, LinkElement, MAX_HTML};

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// A head while it is read.
#[derive(Default)]
pub(super) struct Reading {
    pub(super) head: Head,
    /// Where the tags are that the head was made of.
    pub(super) tags: Vec<Range<usize>>,
    tag: Tag,
    /// How many `template` elements are open: what they hold is not part of the page.
    templates: u32,
    /// Whether an element is open that holds text alone.
    in_text: bool,
    /// Where text begins that cannot stand in a head. It counts once something follows it: at the end
    /// of a page that has not arrived whole, it may be half a tag.
    text: Option<usize>,
}

impl Reading {
    /// Reads a head to its end, or to that of the page.
    pub(super) fn of(html: &[u8]) -> Self {
        let html = html.get(..MAX_HTML).unwrap_or(html);
        let text = html.strip_prefix(BYTE_ORDER_MARK).unwrap_or(html);
        let skipped = html.len() - text.len();

        let mut reading = Self::default();
        let mut emitter =
            CallbackEmitter::new(|event: CallbackEvent<'_>, span| reading.take(event, span));
        emitter.naively_switch_states(true);
        let end = Tokenizer::new_with_emitter(text, emitter).next();
        reading.head.end = end.map(|Ok(end)| (skipped + end).min(html.len()));
        for tag in &mut reading.tags {
            *tag = tag.start + skipped..tag.end + skipped;
        }
        reading
    }

    /// Takes what comes next. If the head is over, says where.
    fn take(&mut self, event: CallbackEvent<'_>, span: Span<usize>) -> Option<usize> {
        match event {
            CallbackEvent::Error(_) => None,
            CallbackEvent::OpenStartTag { name } => {
                self.tag.open(name, span.start);
                None
            }
            CallbackEvent::AttributeName { name } => {
                self.tag.attribute(name);
                None
            }
            CallbackEvent::AttributeValue { value } => {
                self.tag.value(value);
                None
            }
            _ if self.text.is_some() => self.text,
            CallbackEvent::CloseStartTag { .. } => self.start(span.end).then_some(span.end),
            CallbackEvent::EndTag { name } => self.end(name).then_some(span.end),
            CallbackEvent::String { value } => {
                let is_space = value.iter().all(u8::is_ascii_whitespace);
                if self.templates == 0 && !self.in_text && !is_space {
                    self.text = Some(span.start);
                }
                None
            }
            CallbackEvent::Comment { .. } | CallbackEvent::Doctype { .. } => None,
        }
    }

    /// Takes the end of an element, and says whether it ends the head.
    fn end(&mut self, name: &[u8]) -> bool {
        self.in_text = false;
        match name {
            b"template" => self.templates = self.templates.saturating_sub(1),
            b"head" | b"body" | b"html" | b"br" => return self.templates == 0,
            _ => {}
        }
        false
    }

    /// Takes the tag that was read and ends here, and says whether it ends the head.
    fn start(&mut self, end: usize) -> bool {
        match self.tag.name.as_slice() {
            b"template" => self.templates += 1,
            b"title" | b"style" | b"script" | b"noscript" => self.in_text = true,
            _ if self.templates > 0 => {}
            b"link" => self.link(end),
            b"base" if self.head.base.is_none() && self.tag.href.is_some() => {
                self.head.base = self.tag.href.take().map(text);
                self.tags.push(self.tag.start..end);
            }
            b"base" | b"basefont" | b"bgsound" | b"head" | b"html" | b"meta" => {}
            _ => return true,
        }
        false
    }

    fn link(&mut self, end: usize) {
        let (rel, href) = (self.tag.rel.take(), self.tag.href.take());
        // An empty `href` leads nowhere, says the HTML standard.
        if let (Some(rel), Some(href)) = (rel, href.filter(|href| !href.is_empty())) {
            let href = text(href);
            self.head.links.push(LinkElement { rel, href });
            self.tags.push(self.tag.start..end);
        }
    }
}

/// A start tag, of whose attributes two matter.
#[derive(Default)]
struct Tag {
    start: usize,
    name: Vec<u8>,
    rel: Option<Vec<u8>>,
    href: Option<Vec<u8>>,
    attribute: Attribute,
}

/// Whose value comes.
#[derive(Default)]
enum Attribute {
    Rel,
    Href,
    #[default]
    Other,
}

impl Tag {
    fn open(&mut self, name: &[u8], start: usize) {
        self.start = start;
        self.name.clear();
        self.name.extend_from_slice(name);
        (self.rel, self.href) = (None, None);
    }

    fn attribute(&mut self, name: &[u8]) {
        // Of two with one name the first counts.
        self.attribute = match name {
            b"rel" if self.rel.is_none() => Attribute::Rel,
            b"href" if self.href.is_none() => Attribute::Href,
            _ => Attribute::Other,
        };
        self.value(b""); // there may be none
    }

    fn value(&mut self, value: &[u8]) {
        let kept = match self.attribute {
            Attribute::Rel => &mut self.rel,
            Attribute::Href => &mut self.href,
            Attribute::Other => return,
        };
        kept.get_or_insert_default().extend_from_slice(value);
    }
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}
