//! Reading a form as it comes.

use std::mem;

use bytes::{Buf as _, Bytes};
use http::HeaderMap;
use memchr::memchr_iter;

use super::Boundary;
use super::part::{Part, read_line};

/// What comes next in a form.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// A part begins.
    Part(Part),
    /// Some of the part.
    Bytes(Bytes),
    /// The part is over.
    End,
}

/// Why a form cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FormError {
    /// The `Content-Type` is no form's.
    #[error("the media type is not multipart")]
    MediaType,
    /// The `Content-Type` names no boundary that can stand between parts.
    #[error("the media type has no boundary that can be used")]
    Boundary,
    /// A boundary is followed by something else than the end of its line.
    #[error("a boundary of the form is followed by something else")]
    Delimiter,
    /// The head of a part has a line that is no header field.
    #[error("the head of a part cannot be read")]
    Head,
    /// The head of a part is longer than is taken.
    #[error("the head of a part is longer than the {limit} bytes that are taken")]
    HeadTooLong {
        /// How many bytes are taken.
        limit: usize,
    },
    /// There are more parts than are taken.
    #[error("the form has more than the {limit} parts that are taken")]
    TooManyParts {
        /// How many parts are taken.
        limit: usize,
    },
    /// The form is over before its last boundary.
    #[error("the form broke off")]
    BrokenOff,
}

/// Reads a form as it comes, chunk by chunk. It keeps the head of a part while that is incomplete, and
/// nothing else: what is in a part is handed on at once, as slices of the chunks.
///
/// See the [module](super) for how it is used.
#[derive(Debug)]
pub struct Reader {
    /// CR LF, two hyphens, the boundary. A CR is its first byte alone.
    delimiter: Bytes,
    state: State,
    head: Head,
    parts: usize,
    most_parts: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// In a part, or before the first one. So many bytes of a delimiter have come, or seem to have.
    Body {
        matched: usize,
        is_part: bool,
    },
    /// A delimiter has come.
    Delimited(After),
    /// In the head of a part.
    Head,
    /// The last delimiter has come.
    Over,
    Failed(FormError),
}

/// What has come of the line after a delimiter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum After {
    Nothing,
    Hyphen,
    Space,
    Cr,
}

/// The head of a part, as far as it has come.
#[derive(Debug)]
struct Head {
    line: Vec<u8>,
    headers: HeaderMap,
    taken: usize,
    limit: usize,
}

impl Reader {
    /// Reads the form that a request with this `Content-Type` has for its body: of at most 1,000 parts,
    /// with heads of at most 8 KiB, unless something else is said.
    ///
    /// # Errors
    ///
    /// When it is no form, or has no boundary that can be used.
    pub fn new(content_type: &str) -> Result<Self, FormError> {
        let boundary = Boundary::of(content_type)?;
        Ok(Self {
            delimiter: format!("\r\n--{}", boundary.as_str()).into(),
            // The first delimiter may stand at the very beginning, as if a line had ended there.
            state: State::Body {
                matched: 2,
                is_part: false,
            },
            head: Head {
                line: Vec::new(),
                headers: HeaderMap::new(),
                taken: 0,
                limit: 8 * 1024,
            },
            parts: 0,
            most_parts: 1000,
        })
    }

    /// Takes at most so many parts.
    #[must_use]
    pub const fn at_most_parts(mut self, parts: usize) -> Self {
        self.most_parts = parts;
        self
    }

    /// Takes heads of at most so many bytes.
    #[must_use]
    pub const fn with_head_limit(mut self, bytes: usize) -> Self {
        self.head.limit = bytes;
        self
    }

    /// What comes next, taken off the front of a chunk. Nothing once the chunk is used up: then the
    /// next chunk is wanted, or, when there is none, [`finish`](Self::finish).
    ///
    /// # Errors
    ///
    /// When it is no form, or beyond a limit; from then on always.
    pub fn next(&mut self, chunk: &mut Bytes) -> Result<Option<Event>, FormError> {
        while !chunk.is_empty() {
            let event = match self.state {
                State::Body { matched, is_part } => {
                    Ok(self.body(matched, chunk).filter(|_| is_part))
                }
                State::Delimited(after) => self.delimited(after, chunk).map(|()| None),
                State::Head => self.head(chunk),
                State::Over => {
                    chunk.clear();
                    Ok(None)
                }
                State::Failed(error) => Err(error),
            };
            match event {
                Ok(None) => {}
                Ok(Some(event)) => return Ok(Some(event)),
                Err(error) => {
                    self.state = State::Failed(error);
                    return Err(error);
                }
            }
        }
        Ok(None)
    }

    /// Whether the last boundary has come. Whatever follows it means nothing.
    pub fn is_over(&self) -> bool {
        self.state == State::Over
    }

    /// How many bytes it keeps of what has come.
    #[cfg(test)]
    pub(super) fn held(&self) -> usize {
        self.head.line.len() + self.head.taken
    }

    /// Ends the reading.
    ///
    /// # Errors
    ///
    /// When the form was not over, or had failed before.
    pub fn finish(self) -> Result<(), FormError> {
        match self.state {
            State::Over => Ok(()),
            State::Failed(error) => Err(error),
            _ => Err(FormError::BrokenOff),
        }
    }

    /// Takes what belongs to the part, or the delimiter that ends it.
    fn body(&mut self, matched: usize, chunk: &mut Bytes) -> Option<Event> {
        let wanted = self.delimiter.get(matched..).unwrap_or_default();
        let pairs = wanted.iter().zip(chunk.iter());
        let more = pairs.take_while(|(wanted, byte)| wanted == byte).count();
        if more == wanted.len() {
            chunk.advance(more);
            self.state = State::Delimited(After::Nothing);
            return Some(Event::End);
        }
        if more == chunk.len() {
            chunk.clear();
            self.go_on(matched + more);
            return None;
        }
        if matched > 0 {
            // It was none. Nor does one begin within it, where there is no second CR.
            self.go_on(0);
            return Some(Event::Bytes(self.delimiter.slice(..matched)));
        }
        let next = self.next_delimiter(chunk);
        Some(Event::Bytes(chunk.split_to(next)))
    }

    /// Where the next delimiter begins, whole or cut off by the end of the chunk, but not at its front.
    fn next_delimiter(&self, chunk: &[u8]) -> usize {
        let begins = |at: &usize| {
            let rest = chunk.get(*at..).unwrap_or_default();
            let mut pairs = rest.iter().zip(&self.delimiter);
            pairs.all(|(byte, wanted)| byte == wanted)
        };
        let mut ends_of_lines = memchr_iter(b'\r', chunk).skip_while(|at| *at == 0);
        ends_of_lines.find(begins).unwrap_or(chunk.len())
    }

    /// Goes on in the same part, or before the first one.
    fn go_on(&mut self, matched: usize) {
        if let State::Body {
            matched: before, ..
        } = &mut self.state
        {
            *before = matched;
        }
    }

    /// Takes the rest of a delimiter's line: two hyphens at the end of the form; else nothing but space.
    fn delimited(&mut self, after: After, chunk: &mut Bytes) -> Result<(), FormError> {
        self.state = match (after, chunk.get_u8()) {
            (After::Nothing, b'-') => State::Delimited(After::Hyphen),
            (After::Hyphen, b'-') => State::Over,
            (After::Nothing | After::Space, b' ' | b'\t') => State::Delimited(After::Space),
            (After::Nothing | After::Space, b'\r') => State::Delimited(After::Cr),
            (After::Cr, b'\n') => State::Head,
            _ => return Err(FormError::Delimiter),
        };
        Ok(())
    }

    /// Takes lines of the head. After its last, which is empty, the part begins.
    fn head(&mut self, chunk: &mut Bytes) -> Result<Option<Event>, FormError> {
        let line_end = chunk.iter().position(|byte| *byte == b'\n');
        let more = line_end.map_or(chunk.len(), |end| end + 1);
        self.head.taken += more;
        if self.head.taken > self.head.limit {
            let limit = self.head.limit;
            return Err(FormError::HeadTooLong { limit });
        }
        self.head.line.extend_from_slice(&chunk.split_to(more));
        if line_end.is_none() {
            return Ok(None);
        }
        let line = mem::take(&mut self.head.line);
        let line = line.strip_suffix(b"\r\n").ok_or(FormError::Head)?;
        if !line.is_empty() {
            read_line(line, &mut self.head.headers)?;
            return Ok(None);
        }
        self.parts += 1;
        if self.parts > self.most_parts {
            let limit = self.most_parts;
            return Err(FormError::TooManyParts { limit });
        }
        self.head.taken = 0;
        self.state = State::Body {
            matched: 0,
            is_part: true,
        };
        Part::new(mem::take(&mut self.head.headers))
            .map(Event::Part)
            .map(Some)
    }
}
