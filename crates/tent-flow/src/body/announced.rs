//! A source that is held to the length it announced.

use std::error::Error;
use std::io::{self, Read};

use super::Source;

/// A source that gives something else than it announced: a file, for instance, that is written to
/// while it is sent. The request then fails with
/// [`TransportErrorKind::Source`](crate::TransportErrorKind::Source), and the server never has a whole
/// request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SourceChanged {
    /// It ended early.
    #[error("the source ended {missing} bytes before the length it had announced")]
    Shorter {
        /// How many bytes are missing.
        missing: u64,
    },
    /// It goes on.
    #[error("the source holds more bytes than the length it had announced")]
    Longer,
    /// It is no longer what was measured, although it may be as long.
    #[error("the source was changed or replaced after it had been measured")]
    Replaced,
}

impl SourceChanged {
    /// The change that caused an error, if that is what did: of a
    /// [`TransportError`](crate::TransportError), or of whatever was caused by one.
    ///
    /// ```
    /// use std::io;
    /// use tent_flow::{Delivery, SourceChanged, TransportError, TransportErrorKind};
    ///
    /// let cause = io::Error::from(SourceChanged::Longer);
    /// let error = TransportError::new(TransportErrorKind::Source, Delivery::Possible).because(cause);
    /// assert_eq!(SourceChanged::cause_of(&error), Some(SourceChanged::Longer));
    /// ```
    pub fn cause_of(error: &(dyn Error + 'static)) -> Option<Self> {
        let mut cause = Some(error);
        while let Some(error) = cause {
            // What an I/O error holds is not among its causes, but in it.
            let held = error.downcast_ref().and_then(io::Error::get_ref);
            let found = error.downcast_ref::<Self>();
            if let Some(found) = found.or_else(|| held?.downcast_ref()) {
                return Some(*found);
            }
            cause = error.source();
        }
        None
    }
}

impl From<SourceChanged> for io::Error {
    fn from(changed: SourceChanged) -> Self {
        let kind = match changed {
            SourceChanged::Shorter { .. } => io::ErrorKind::UnexpectedEof,
            SourceChanged::Longer | SourceChanged::Replaced => io::ErrorKind::InvalidData,
        };
        Self::new(kind, changed)
    }
}

/// A source that is held to its word: it gives just the bytes it announced.
pub(super) struct Announced {
    reader: Box<dyn Read + Send>,
    left: u64,
}

impl Announced {
    pub(super) fn open(source: &dyn Source) -> io::Result<Self> {
        let left = source.len();
        let mut opened = Self {
            reader: source.open()?,
            left,
        };
        opened.expect_end()?;
        Ok(opened)
    }

    /// How many bytes are to come.
    pub(super) const fn left(&self) -> u64 {
        self.left
    }

    /// Reads at least one byte. The last bytes are given only once it is sure that none follow, so
    /// that a request is never complete when its source was wrong.
    pub(super) fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let room = self.left.min(buffer.len() as u64) as usize;
        let read = read_some(&mut self.reader, &mut buffer[..room])?;
        if read == 0 {
            return Err(SourceChanged::Shorter { missing: self.left }.into());
        }
        self.left -= read as u64;
        self.expect_end()?;
        Ok(read)
    }

    fn expect_end(&mut self) -> io::Result<()> {
        if self.left == 0 && read_some(&mut self.reader, &mut [0])? > 0 {
            return Err(SourceChanged::Longer.into());
        }
        Ok(())
    }
}

fn read_some(reader: &mut dyn Read, buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        match reader.read(buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}
