//! Lists and maps in columns, as JSON.

use std::borrow::Cow;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::storage::StorageError;
use crate::storage::row::{Column, Row};

pub(super) fn write(value: &impl Serialize) -> Result<String, StorageError> {
    Ok(serde_json::to_string(value)?)
}

impl Row for rusqlite::Row<'_> {
    fn column<T: Column>(&self, name: &str) -> Result<T, StorageError> {
        Ok(self.get(name)?)
    }

    fn at<T: Column>(&self, place: usize) -> Result<T, StorageError> {
        Ok(self.get(place)?)
    }

    fn text(&self, place: usize) -> Result<Cow<'_, str>, StorageError> {
        let text = self.get_ref(place)?.as_str();
        Ok(text.map_err(rusqlite::Error::from)?.into())
    }

    fn json<T: DeserializeOwned>(&self, name: &str) -> Result<T, StorageError> {
        let text = self.get_ref(name)?.as_str();
        Ok(serde_json::from_str(text.map_err(rusqlite::Error::from)?)?)
    }
}
