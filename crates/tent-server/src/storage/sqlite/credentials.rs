//! Credentials in the columns `mac_key_id`, `mac_key` and `mac_algorithm`.

use rusqlite::Row;
use serde::de::Error as _;
use tent_proto::Secret;
use tent_proto::mac::Credentials;

use crate::storage::StorageError;

pub(super) fn read(row: &Row<'_>) -> Result<Credentials, StorageError> {
    let id: String = row.get("mac_key_id")?;
    let key: String = row.get("mac_key")?;
    let algorithm: String = row.get("mac_algorithm")?;
    let algorithm = algorithm.parse().map_err(serde_json::Error::custom)?;
    let credentials = Credentials::new(id, Secret::new(key), algorithm);
    Ok(credentials.map_err(serde_json::Error::custom)?)
}
