//! What a commit changes that others are told of.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rusqlite::Connection;
use rusqlite::hooks::Action;
use tokio::sync::watch;

use super::holders::Holders;

/// Sees each row that the writer's connection changes, whatever statement does that, so that none can
/// be left out; and tells of them once they are committed.
pub(super) struct Changes {
    touched: Arc<Touched>,
    queued: watch::Sender<()>,
    holders: Arc<Holders>,
}

/// What was changed since the last commit. What was taken back again counts, too: to tell of it does no
/// harm.
#[derive(Default)]
struct Touched {
    /// Something may be due.
    queue: AtomicBool,
    /// Somebody may have another credential, or may do other things with it.
    holders: AtomicBool,
}

impl Touched {
    fn note(&self, action: Action, table: &str) {
        match table {
            "deliveries" if action == Action::SQLITE_INSERT => {
                self.queue.store(true, Ordering::Relaxed);
            }
            "entities" | "removed_entities" | "apps" | "authorizations" | "followers"
            | "followings" => {
                self.holders.store(true, Ordering::Relaxed);
            }
            _ => {}
        }
    }
}

impl Changes {
    pub(super) fn of(
        writer: &mut Connection,
        queued: watch::Sender<()>,
        holders: Arc<Holders>,
    ) -> rusqlite::Result<Self> {
        let touched = Arc::<Touched>::default();
        let noting = Arc::clone(&touched);
        let note = move |action, _: &str, table: &str, _| noting.note(action, table);
        writer.update_hook(Some(note))?;
        Ok(Self {
            touched,
            queued,
            holders,
        })
    }

    /// Tells of what is committed. Nobody has been answered yet.
    pub(super) fn tell(&self) {
        if self.touched.holders.swap(false, Ordering::Relaxed) {
            self.holders.forget();
        }
        if self.touched.queue.swap(false, Ordering::Relaxed) {
            self.queued.send_replace(());
        }
    }
}
