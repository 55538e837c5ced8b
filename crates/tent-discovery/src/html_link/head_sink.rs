//! A sink for the head of an HTML page.

use std::io;
use std::ops::ControlFlow;

use bytes::{Bytes, BytesMut};
use http::header::{CONTENT_TYPE, HeaderMap};
use http::response::Parts;
use tent_flow::Sink;

use super::MAX_HTML;
use super::reading::Reading;

/// Reads the body of a 2xx HTML answer until its head has ended, at most [`MAX_HTML`] bytes, and stops
/// there. What it keeps are the tags that [`Head::parse`](super::Head::parse) makes a head of, just as
/// they came. Of any other answer it keeps nothing.
///
/// What it keeps is the same however the body is cut into chunks, and the work is in proportion to
/// its length.
#[derive(Debug, Default)]
pub struct HeadSink {
    is_wanted: bool,
    read: BytesMut,
    /// The tags that make the head, once its end is known.
    tags: Option<Bytes>,
    /// How many bytes were looked through so far, those that were looked through again included.
    work: usize,
}

impl HeadSink {
    /// A sink that has nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    fn is_full(&self) -> bool {
        self.tags.is_some() || self.read.len() >= MAX_HTML
    }

    /// Reads the head. If it is over, or has to be, keeps its tags.
    fn look(&mut self, is_over: bool) {
        self.work += self.read.len();
        let reading = Reading::of(&self.read);
        if is_over || reading.head.end().is_some() {
            let tags = reading.tags.into_iter();
            let tags = tags.filter_map(|tag| self.read.get(tag));
            self.tags = Some(tags.flatten().copied().collect());
        }
    }
}

impl Sink for HeadSink {
    fn begin(&mut self, head: &Parts) {
        *self = Self {
            is_wanted: head.status.is_success() && is_html(&head.headers),
            ..Self::default()
        };
    }

    fn chunk(&mut self, bytes: &[u8]) -> io::Result<ControlFlow<()>> {
        if !self.is_wanted || self.is_full() {
            return Ok(ControlFlow::Break(()));
        }
        let room = MAX_HTML - self.read.len();
        self.read
            .extend_from_slice(bytes.get(..room).unwrap_or(bytes));
        // A tokenizer starts at the front each time. It may as often as that costs no more than a
        // fixed number of passes over what was read.
        if self.work <= 2 * self.read.len() + 16 * 1024 {
            self.look(false);
        }
        Ok(if self.is_full() {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        })
    }

    fn finish(&mut self) -> io::Result<Bytes> {
        if self.tags.is_none() {
            self.look(true);
        }
        Ok(self.tags.take().unwrap_or_default())
    }
}

/// Whether the answer says that it is HTML or XHTML.
pub(crate) fn is_html(headers: &HeaderMap) -> bool {
    let media_type = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.as_bytes().split(|&byte| byte == b';').next())
        .unwrap_or_default()
        .trim_ascii();
    [&b"text/html"[..], b"application/xhtml+xml"]
        .iter()
        .any(|html| media_type.eq_ignore_ascii_case(html))
}
