//! Setting a host up.

use std::fmt;
use std::sync::Arc;

use super::places::{Place, Places};
use super::{Inner, TentHost};
use crate::account;
use crate::builder::{StartError, start_error};
use crate::peers::{Peers, Reach};
use crate::resources::{Clock, Resources, system_clock};
use crate::storage::Database;

/// Makes a [`TentHost`].
#[must_use]
pub struct HostBuilder {
    database: Option<Database>,
    own_network: bool,
    clock: Clock,
}

impl HostBuilder {
    /// Where everything is kept. By default in memory, which is gone with the host.
    pub fn database(mut self, database: Database) -> Self {
        self.database = Some(database);
        self
    }

    /// As [`ServerBuilder::own_network`](crate::ServerBuilder::own_network), for all entities. By
    /// default this is so for those on loopback alone.
    pub const fn own_network(mut self, allowed: bool) -> Self {
        self.own_network = allowed;
        self
    }

    /// A clock, in epoch seconds, instead of the system's: for tests.
    pub fn clock(mut self, clock: impl Fn() -> i64 + Send + Sync + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Makes the host, with the entities that are in the database.
    ///
    /// # Errors
    ///
    /// When the database fails, or has entities that cannot be beside each other.
    pub async fn build(self) -> Result<TentHost, StartError> {
        let database = match self.database {
            Some(database) => database,
            None => Database::in_memory()?,
        };
        let near = Arc::new(Peers::near());
        let far = Arc::new(if self.own_network {
            Peers::near()
        } else {
            Peers::far()
        });
        let (database, reach) = (database.into_storage(), Reach::new(&near, &far));
        let inner = Inner {
            resources: Arc::new(Resources::new(database, reach, self.clock)),
            places: Places::default(),
            near,
            far,
        };
        let entities = inner.resources.database.entities().await;
        for entity in entities.map_err(start_error)? {
            let root = account::root(&entity, None)?;
            inner.places.claim(Place::of(&root), &entity)?.keep();
        }
        Ok(TentHost {
            inner: Arc::new(inner),
        })
    }
}

impl Default for HostBuilder {
    fn default() -> Self {
        Self {
            database: None,
            own_network: false,
            clock: system_clock(),
        }
    }
}

impl fmt::Debug for HostBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HostBuilder")
            .field("database", &self.database)
            .finish_non_exhaustive()
    }
}
