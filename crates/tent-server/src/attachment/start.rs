//! Where a server has its files.

use std::path::PathBuf;
use std::sync::Arc;

use super::sweep::{self, SweepError};
use crate::builder::{StartError, start_error};
use crate::storage::{AttachmentFolder, Storage};

/// The folder for attachments, where it was said or else with the database, and without what no post
/// has.
pub(crate) async fn open(
    given: Option<PathBuf>,
    database: &dyn Storage,
) -> Result<Arc<AttachmentFolder>, StartError> {
    let Some(path) = given.or_else(|| database.attachment_folder()) else {
        return Ok(Arc::new(AttachmentFolder::temporary()));
    };
    let folder = AttachmentFolder::open(path.clone());
    let folder = Arc::new(folder.map_err(|error| StartError::Attachments(path.clone(), error))?);
    match sweep::sweep_all(&folder, database).await {
        Ok(()) => Ok(folder),
        Err(SweepError::Storage(error)) => Err(start_error(error)),
        Err(SweepError::Files(error)) => Err(StartError::Attachments(path, error)),
    }
}
