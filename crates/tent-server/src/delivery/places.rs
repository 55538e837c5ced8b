//! How much is sent to one server at a time.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How many posts are sent to one server at a time.
pub(super) const MOST_TO_ONE: usize = 4;

/// The places of servers that something is sent to.
#[derive(Debug, Default)]
pub(super) struct Places(HashMap<String, Arc<Semaphore>>);

impl Places {
    /// A place for one more to that server, if there is one.
    pub(super) fn take(&mut self, origin: &str) -> Option<OwnedSemaphorePermit> {
        let places = match self.0.get(origin) {
            Some(places) => places,
            None => self
                .0
                .entry(origin.to_owned())
                .or_insert_with(|| Arc::new(Semaphore::new(MOST_TO_ONE))),
        };
        Arc::clone(places).try_acquire_owned().ok()
    }

    /// Forgets servers that nothing is sent to.
    pub(super) fn tidy(&mut self) {
        self.0
            .retain(|_, places| places.available_permits() < MOST_TO_ONE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_has_so_many_places_and_is_forgotten_with_the_last() {
        let mut places = Places::default();
        let taken: Vec<_> = (0..MOST_TO_ONE)
            .map(|_| places.take("a").unwrap())
            .collect();
        assert!(places.take("a").is_none());
        assert!(places.take("b").is_some());
        places.tidy();
        assert_eq!(places.0.len(), 1);
        drop(taken);
        places.tidy();
        assert!(places.0.is_empty());
    }
}
