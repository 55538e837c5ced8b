//! The end of an entity. It is gone at once; what it leaves is deleted bit by bit, so that the others
//! on the server need not wait for that.

use std::sync::Arc;

use tokio::task::JoinHandle;

use crate::attachment::sweep;
use crate::resources::Resources;

/// Deletes what is left of removed entities, now and after whatever breaks that off, and in the end the
/// files that nobody else has.
pub(crate) fn go_on(of: &Resources) -> JoinHandle<()> {
    // Between two steps the server may be gone.
    let (folder, storage) = (
        Arc::downgrade(&of.attachments),
        Arc::downgrade(&of.database),
    );
    let removing = Arc::clone(&of.removing);
    tokio::spawn(async move {
        // Whoever waits for this waits for what another has begun, too.
        let _alone = removing.lock().await;
        let mut is_any = false;
        while let Some(step) = storage.upgrade().map(|storage| storage.go_on_removing()) {
            match step.await {
                Ok(true) => is_any = true,
                Ok(false) => break,
                Err(error) => {
                    tracing::error!(%error, "a removed entity was not deleted as a whole");
                    return;
                }
            }
        }
        if is_any && let Some((folder, storage)) = folder.upgrade().zip(storage.upgrade()) {
            sweep::released(&folder, &*storage).await;
        }
    })
}
