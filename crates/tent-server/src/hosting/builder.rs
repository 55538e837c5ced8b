//! Setting a host up.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;

use super::places::{Place, Places};
use super::watch::{self, Watch};
use super::{Inner, TentHost};
use crate::account;
use crate::attachment::AttachmentLimits;
use crate::builder::{StartError, start_error};
use crate::limit::Limits;
use crate::peers::{Peers, Reach};
use crate::removal;
use crate::resources::{Resources, Settings};
use crate::storage::Database;

/// Makes a [`TentHost`].
#[derive(Default)]
#[must_use]
pub struct HostBuilder {
    settings: Settings,
}

impl HostBuilder {
    /// Where everything is kept. By default in memory, which is gone with the host.
    pub fn database(mut self, database: Database) -> Self {
        self.settings.database = Some(database);
        self
    }

    /// As [`ServerBuilder::attachments`](crate::ServerBuilder::attachments), for all entities.
    pub fn attachments(mut self, folder: impl Into<PathBuf>) -> Self {
        self.settings.attachments = Some(folder.into());
        self
    }

    /// How much may be attached to a post.
    pub const fn attachment_limits(mut self, limits: AttachmentLimits) -> Self {
        self.settings.attachment_limits = limits;
        self
    }

    /// As [`ServerBuilder::own_network`](crate::ServerBuilder::own_network), for all entities. By
    /// default this is so for those on loopback alone.
    pub const fn own_network(mut self, allowed: bool) -> Self {
        self.settings.own_network = allowed;
        self
    }

    /// A clock, in epoch seconds, instead of the system's: for tests.
    pub fn clock(mut self, clock: impl Fn() -> i64 + Send + Sync + 'static) -> Self {
        self.settings.clock = Arc::new(clock);
        self
    }

    /// How many requests are taken, from whom. By default as [`Limits`] says.
    pub const fn limits(mut self, limits: Limits) -> Self {
        self.settings.limits = limits;
        self
    }

    /// Believes what a proxy at this address says of requests: where they come from, in the last part of
    /// `X-Forwarded-For`, and which host they are for, in that of `X-Forwarded-Host`, with the port in
    /// `X-Forwarded-Port`. Without it all who come through the proxy are counted as one.
    pub fn proxy(mut self, address: IpAddr) -> Self {
        self.settings.proxies.push(address.to_canonical());
        self
    }

    /// Leaves alone what is queued to be sent: for a program that does no more than look after entities,
    /// beside the servers. Without this the host sends it, for as long as it lives.
    pub const fn without_deliveries(mut self) -> Self {
        self.settings.delivers = false;
        self
    }

    /// Makes the host, with the entities that are in the database.
    ///
    /// # Errors
    ///
    /// When the database fails, or has entities that cannot be beside each other.
    pub async fn build(mut self) -> Result<TentHost, StartError> {
        let database = self.settings.storage()?;
        let near = Arc::new(Peers::near());
        let far = Arc::new(if self.settings.own_network {
            Peers::near()
        } else {
            Peers::far()
        });
        let reach = Reach::new(&near, &far);
        let files = self.settings.attachments(&*database).await?;
        let watch = database.processes().map(Watch::new);
        let inner = Arc::new(Inner {
            resources: Arc::new(Resources::new(database, files, reach, self.settings)),
            places: Places::default(),
            watch,
            near,
            far,
        });
        if inner.watch.is_some() {
            inner.look().await?;
            tokio::spawn(watch::watch(Arc::downgrade(&inner)));
        } else {
            let entities = inner.resources.database.entities().await;
            for entity in entities.map_err(start_error)? {
                let root = account::root(&entity, None)?;
                inner.places.claim(Place::of(&root), &entity)?.keep();
            }
        }
        drop(removal::go_on(&inner.resources)); // of those that a crash has left
        Ok(TentHost { inner })
    }
}

impl fmt::Debug for HostBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HostBuilder")
            .field("database", &self.settings.database)
            .finish_non_exhaustive()
    }
}
