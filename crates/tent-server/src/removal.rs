//! The end of an entity. It is gone at once; what it leaves is deleted bit by bit, so that the others
//! on the server need not wait for that.

use std::sync::Arc;

use tokio::task::JoinHandle;

use crate::attachment::sweep;
use crate::resources::Resources;

/// Deletes what is left of removed entities, now and after whatever breaks that off, and in the end the
/// files that nobody else has.
pub(crate) fn go_on(of: &Resources) -> JoinHandle<()> {
    let (folder, storage) = (Arc::clone(&of.attachments), Arc::downgrade(&of.database));
    tokio::spawn(async move {
        // Between two steps the database may be closed.
        while let Some(storage) = storage.upgrade() {
            match storage.go_on_removing().await {
                Ok(true) => {}
                Ok(false) => return sweep::released(&folder, &*storage).await,
                Err(error) => {
                    tracing::error!(%error, "a removed entity was not deleted as a whole");
                    return;
                }
            }
        }
    })
}
