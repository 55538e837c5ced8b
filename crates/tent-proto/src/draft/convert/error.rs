//! Why an object was not converted.

use crate::TypeUri;
use crate::json::DecodeError;

/// Why an object was not converted. Nothing of it was lost: there is no object.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConvertError {
    /// A member that its own dialect does not know has a meaning in the other one.
    #[error("the member {0:?} means something else in the other dialect")]
    Taken(&'static str),
    /// What a member says cannot be said in the other dialect: a license with more than a URL and a
    /// version, a group that is not known, content that is no object.
    #[error("what the member {0:?} says has no counterpart in the other dialect")]
    NoCounterpart(&'static str),
    /// A part of a profile has no type, so there is nothing to keep it under.
    #[error("a part of the profile has no type")]
    NoType,
    /// Two parts of a profile have the same type.
    #[error("two parts of the profile have the type {0}")]
    Twice(TypeUri),
    /// A member does not read as its dialect has it.
    #[error("the object cannot be read in the other dialect")]
    Read(#[from] DecodeError),
    /// The object cannot be written as JSON.
    #[error("the object cannot be written as JSON")]
    Write(#[source] serde_json::Error),
}
