//! Errands that wait and those that are run.

use std::collections::{HashMap, VecDeque};

use tokio::task::{Id, JoinSet};

use super::{Context, Errand};

/// How many errands are run at a time, and wait at most.
const MOST: usize = 4;
const MOST_WAITING: usize = 1_000;

/// Each waits once, and is run by one at a time.
#[derive(Default)]
pub(super) struct Errands {
    waiting: VecDeque<Errand>,
    running: HashMap<Id, Errand>,
    tasks: JoinSet<()>,
}

impl Errands {
    pub(super) fn take(&mut self, errand: Errand) {
        if !self.waiting.contains(&errand) && self.waiting.len() < MOST_WAITING {
            self.waiting.push_back(errand);
        }
    }

    pub(super) fn extend(&mut self, errands: impl IntoIterator<Item = Errand>) {
        self.waiting.extend(errands);
    }

    /// Starts what there is a place for.
    pub(super) fn start(&mut self, context: &Context) {
        while self.running.len() < MOST {
            // One that is run already waits: what it is for may have changed since that began.
            let is_free = |errand: &Errand| self.running.values().all(|running| running != errand);
            let next = self.waiting.iter().position(is_free);
            let Some(errand) = next.and_then(|next| self.waiting.remove(next)) else {
                break;
            };
            let (run, context) = (errand.clone(), context.clone());
            let task = self.tasks.spawn(async move { run.run(&context).await });
            self.running.insert(task.id(), errand);
        }
    }

    /// Waits until one ends, however it ends; `None` when none is run.
    pub(super) async fn ended(&mut self) -> Option<()> {
        let ended = self.tasks.join_next_with_id().await?;
        let id = ended.map_or_else(|broken| broken.id(), |(id, ())| id);
        self.running.remove(&id);
        Some(())
    }

    pub(super) fn is_idle(&self) -> bool {
        self.tasks.is_empty() && self.waiting.is_empty()
    }

    /// Breaks off what is run.
    pub(super) async fn stop(&mut self) {
        self.tasks.shutdown().await;
    }
}
