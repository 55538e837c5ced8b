//! Files that no post has, and how they go.

use std::io;
use std::sync::Arc;

use tokio::task::spawn_blocking;

use crate::resources::Resources;
use crate::storage::{AttachmentFolder, Digest, Storage, StorageError};

/// How many files are looked at together.
const TOGETHER: usize = 500;

/// Why files were not removed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SweepError {
    #[error(transparent)]
    Storage(#[from] StorageError),
    #[error(transparent)]
    Files(#[from] io::Error),
}

/// Removes the files that came for a post which was refused, and those whose last post is gone.
///
/// What fails is told to the log alone: whoever asks has been answered, and the next start removes
/// what is left. Whoever goes away does not break it off.
pub(crate) async fn sweep(of: &Resources) {
    let (folder, database) = (Arc::clone(&of.attachments), Arc::clone(&of.database));
    let swept = tokio::spawn(async move { released(&folder, &*database).await });
    let _ = swept.await;
}

/// The same, as long as somebody waits for it.
pub(crate) async fn released(folder: &Arc<AttachmentFolder>, database: &dyn Storage) {
    if let Err(error) = try_sweep(folder, database).await {
        tracing::error!(%error, "files that no post has were not removed");
    }
}

async fn try_sweep(
    folder: &Arc<AttachmentFolder>,
    database: &dyn Storage,
) -> Result<(), SweepError> {
    remove(folder, database, folder.take_loose()).await?;
    loop {
        let released = database.take_released().await?;
        if released.is_empty() {
            return Ok(());
        }
        remove(folder, database, released).await?;
    }
}

/// Removes what a crash left, and whatever else no post has.
pub(crate) async fn sweep_all(
    folder: &Arc<AttachmentFolder>,
    database: &dyn Storage,
) -> Result<(), SweepError> {
    let all = blocking(folder, AttachmentFolder::digests).await?;
    for some in all.chunks(TOGETHER) {
        remove(folder, database, some.to_vec()).await?;
    }
    Ok(())
}

/// Removes those of these files that no post has, and that nobody is about to give to one.
async fn remove(
    folder: &Arc<AttachmentFolder>,
    database: &dyn Storage,
    files: Vec<Digest>,
) -> Result<(), SweepError> {
    if files.is_empty() {
        return Ok(());
    }
    let _alone = folder.sweeping.lock().await;
    let condemned = folder.condemn(files);
    let gone = database.unreferenced(condemned).await?;
    blocking(folder, move |folder| folder.remove(&gone)).await?;
    Ok(())
}

async fn blocking<T: Send + 'static>(
    folder: &Arc<AttachmentFolder>,
    work: impl FnOnce(&AttachmentFolder) -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    let folder = Arc::clone(folder);
    let done = spawn_blocking(move || work(&folder)).await;
    done.map_err(io::Error::other)?
}
