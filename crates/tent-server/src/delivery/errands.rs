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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tent_proto::Entity;
    use tokio::net::TcpListener;

    use super::*;
    use crate::metrics::Metrics;
    use crate::peers::{Peers, Reach};
    use crate::storage::{AccountKey, Database, Owner};

    #[tokio::test]
    async fn an_errand_that_is_asked_for_while_it_is_run_is_run_again() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let entity = format!("http://{}", listener.local_addr().unwrap());
        let entity: Entity = entity.parse().unwrap();
        let owner = Owner {
            account: AccountKey::first(),
            entity: entity.clone(),
        };
        let storage = Database::in_memory().unwrap().into_storage();
        let context = Context {
            storage: Arc::downgrade(&storage),
            reach: Reach::one(&Arc::new(Peers::near())),
            clock: Arc::new(|| 0),
            metrics: Arc::new(Metrics::new()),
        };
        let mut errands = Errands::default();
        errands.take(Errand::Profile(owner.clone(), entity.clone()));
        errands.start(&context);
        // It has begun to ask, and gets no answer yet.
        let (asked, _) = tokio::select! {
            asked = listener.accept() => asked.unwrap(),
            ended = errands.ended() => panic!("{ended:?}"),
        };
        for _ in 0..2 {
            errands.take(Errand::Profile(owner.clone(), entity.clone()));
            errands.start(&context);
        }
        assert_eq!((errands.running.len(), errands.waiting.len()), (1, 1));
        drop((asked, listener));
        errands.ended().await.unwrap();
        errands.start(&context);
        assert_eq!((errands.running.len(), errands.waiting.len()), (1, 0));
        errands.ended().await.unwrap();
        assert!(errands.is_idle());
    }
}
