//! Exit codes.

use std::process::ExitCode;

/// How the program ends. Scripts depend on the numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done.
    Done = 0,
    /// The server refused, or the answer was not what the protocol promises.
    Refused = 1,
    /// Wrong usage.
    Usage = 2,
    /// Not logged in, or the credential is dead.
    NotLoggedIn = 3,
    /// No answer: could not connect, timed out, broken off, outcome unknown.
    NoAnswer = 4,
    /// Something on this side failed: file, disk, lock, terminal.
    Local = 5,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
