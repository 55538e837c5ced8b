//! Entities that other processes make and remove.

use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use tokio::sync::Mutex;

use super::{Inner, Place};
use crate::account;
use crate::builder::{StartError, start_error};
use crate::storage::{Changed, Processes};
use tent_proto::Entity;

/// How often one looks, at most, when somebody asks for what is not known here.
const PAUSE: Duration = Duration::from_secs(1);

/// How far this process knows of them.
#[derive(Debug)]
pub(super) struct Watch {
    processes: Arc<dyn Processes>,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    /// How many changes are known. None before the first look.
    changes: Option<i64>,
    looked: Option<Instant>,
}

impl Watch {
    pub(super) fn new(processes: Arc<dyn Processes>) -> Self {
        Self {
            processes,
            seen: Mutex::default(),
        }
    }
}

impl Inner {
    /// Learns what came and went at other processes.
    pub(super) async fn look(&self) -> Result<(), StartError> {
        match &self.watch {
            Some(watch) => self.look_at(watch, &mut *watch.seen.lock().await).await,
            None => Ok(()),
        }
    }

    /// The same for somebody who asks for what is not known, unless one has just looked. `false` when
    /// nothing new can be known.
    pub(super) async fn look_for_stranger(&self) -> Result<bool, StartError> {
        let Some(watch) = &self.watch else {
            return Ok(false);
        };
        let mut seen = watch.seen.lock().await;
        if seen.looked.is_some_and(|looked| looked.elapsed() < PAUSE) {
            return Ok(false);
        }
        self.look_at(watch, &mut seen).await?;
        Ok(true)
    }

    async fn look_at(&self, watch: &Watch, seen: &mut Seen) -> Result<(), StartError> {
        seen.looked = Some(Instant::now());
        let changes = watch.processes.changes_since(seen.changes).await;
        let changes = changes.map_err(start_error)?;
        let is_first = seen.changes.is_none();
        let is_known = match changes.entities {
            Changed::Some(entities) => {
                let mut entities = entities.into_iter();
                entities.all(|(entity, is_there)| self.update(&entity, is_there))
            }
            Changed::All(entities) if is_first => {
                for entity in &entities {
                    let root = account::root(entity, None)?;
                    self.places.claim(Place::of(&root), entity)?.keep();
                }
                true
            }
            Changed::All(entities) => self.update_all(&entities),
        };
        if is_known {
            seen.changes = Some(changes.count);
        }
        Ok(())
    }

    /// `false` when the entity is being made or removed here, so that one has to look again.
    fn update(&self, entity: &Entity, is_there: bool) -> bool {
        match account::root(entity, None) {
            Ok(root) => self.places.update(Place::of(&root), entity, is_there),
            Err(_) => true, // nobody could be served there
        }
    }

    fn update_all(&self, entities: &[Entity]) -> bool {
        let there: std::collections::HashSet<_> = entities.iter().collect();
        let known = self.places.entities();
        let gone = known.iter().filter(|entity| !there.contains(entity));
        let gone = gone.map(|entity| self.update(entity, false));
        let come = entities.iter().map(|entity| self.update(entity, true));
        gone.chain(come).fold(true, |all, one| all & one)
    }
}

/// Looks whenever another process tells of a change, for as long as the host is there.
pub(super) async fn watch(host: Weak<Inner>) {
    let watch = host.upgrade();
    let changed = watch.as_ref().and_then(|host| host.watch.as_ref());
    let changed = changed.map(|watch| watch.processes.entities_changed());
    drop(watch);
    let Some(mut changed) = changed else { return };
    while changed.changed().await.is_ok() {
        let Some(host) = host.upgrade() else { return };
        if let Err(error) = host.look().await {
            tracing::warn!(%error, "entities of other processes are not known");
        }
    }
}
