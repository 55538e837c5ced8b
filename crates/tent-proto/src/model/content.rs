//! The content of posts.

mod album;
mod deletion;
mod essay;
mod group_change;
mod photo;
mod profile_change;
mod relation_change;
mod repost;
mod status;

use std::fmt;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

pub use self::album::Album;
pub use self::deletion::Deletion;
pub use self::essay::Essay;
pub use self::group_change::GroupChange;
pub use self::photo::Photo;
pub use self::profile_change::ProfileChange;
pub use self::relation_change::RelationChange;
pub use self::repost::Repost;
pub use self::status::Status;
use super::object::plain_values;
use crate::json::{self, DecodeError};

/// The content of a post: JSON whose shape depends on the post's type, kept with its exact text.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Content(Box<RawValue>);

impl Content {
    /// Content of any shape that can be written as JSON.
    ///
    /// # Errors
    ///
    /// When it cannot.
    pub fn new(content: &impl Serialize) -> Result<Self, serde_json::Error> {
        serde_json::value::to_raw_value(content).map(Self)
    }

    /// Content from its JSON text.
    ///
    /// # Errors
    ///
    /// When the text is not JSON.
    pub fn from_json(text: impl Into<String>) -> Result<Self, serde_json::Error> {
        RawValue::from_string(text.into()).map(Self)
    }

    /// The JSON text.
    pub fn as_json(&self) -> &str {
        self.0.get()
    }

    /// Reads it as some type.
    ///
    /// # Errors
    ///
    /// When it has another shape.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, DecodeError> {
        json::decode(self.as_json().as_bytes())
    }
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_json())
    }
}

impl PartialEq for Content {
    fn eq(&self, other: &Self) -> bool {
        self.as_json() == other.as_json()
    }
}

impl Eq for Content {}

plain_values!(Content);
