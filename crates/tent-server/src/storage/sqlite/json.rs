//! Lists and maps in columns, as JSON.

use rusqlite::Row;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::storage::StorageError;

pub(super) fn write(value: &impl Serialize) -> Result<String, StorageError> {
    Ok(serde_json::to_string(value)?)
}

pub(super) fn read<T: DeserializeOwned>(row: &Row<'_>, column: &str) -> Result<T, StorageError> {
    Ok(serde_json::from_str(
        row.get_ref(column)?
            .as_str()
            .map_err(rusqlite::Error::from)?,
    )?)
}
