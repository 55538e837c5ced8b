//! Where a server has its files.

use std::path::PathBuf;
use std::sync::Arc;

use super::sweep::{self, SweepError};
use crate::builder::{StartError, start_error};
use crate::storage::{AttachmentFolder, AttachmentPlace, Storage};

/// The folder for attachments, where it was said or else with the database, and without what no post
/// has.
pub(crate) async fn open(
    given: Option<PathBuf>,
    database: &dyn Storage,
) -> Result<Arc<AttachmentFolder>, StartError> {
    let place = given.map(AttachmentPlace::Own);
    let (path, folder) = match place.or_else(|| database.attachment_folder()) {
        None => return Ok(Arc::new(AttachmentFolder::temporary())),
        Some(AttachmentPlace::Own(path)) => (path.clone(), AttachmentFolder::open(path)),
        Some(AttachmentPlace::Shared(path)) => (path.clone(), AttachmentFolder::open_shared(path)),
    };
    let folder = Arc::new(folder.map_err(|error| StartError::Attachments(path.clone(), error))?);
    match sweep::sweep_all(&folder, database).await {
        Ok(()) => Ok(folder),
        Err(SweepError::Storage(error)) => Err(start_error(error)),
        Err(SweepError::Files(error)) => Err(StartError::Attachments(path, error)),
    }
}
