//! Setting a server up, and its first start.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;

use tent_proto::{Entity, Server};

use crate::account;
use crate::attachment::AttachmentLimits;
use crate::limit::Limits;
use crate::passphrase::Passphrase;
use crate::peers::{Peers, Reach};
use crate::removal;
use crate::resources::{Resources, Settings};
use crate::server::TentServer;
use crate::storage::{Account, Database, DatabaseError, StorageError};

/// Makes a [`TentServer`].
#[derive(Default)]
#[must_use]
pub struct ServerBuilder {
    entity: Option<Entity>,
    root: Option<Server>,
    passphrase: Option<Box<dyn FnOnce() -> Passphrase + Send>>,
    settings: Settings,
}

/// Why a server cannot start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// There is no entity in the database, and none was given.
    #[error("the database has no entity, and none was given")]
    NoEntity,
    /// There is no entity in the database, and no passphrase for a new one was given.
    #[error("a new entity needs a passphrase")]
    NoPassphrase,
    /// The entity has no URL that can be served, so that no API root can be made from it.
    #[error("{0} is not a URL that can be an API root")]
    Root(String, #[source] Box<dyn std::error::Error + Send + Sync>),
    /// The entity's URL is one of the API's.
    #[error("the page of {0} is where the API has something else")]
    Page(Entity),
    /// There is something of another entity where the new one would be.
    #[error("there is something of {0} at that URL")]
    Taken(Entity),
    /// The database is another entity's.
    #[error("the database is that of {stored}, not of {given}")]
    OtherEntity {
        /// Whose it is.
        stored: Entity,
        /// Whose it should have been.
        given: Entity,
    },
    /// The passphrase cannot be hashed.
    #[error("the passphrase cannot be hashed")]
    Hash(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The profile cannot be written or read.
    #[error("the profile is not what it should be")]
    Profile(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The folder for attachments cannot be used; another server may have it.
    #[error("the folder {} cannot be used for attachments", .0.display())]
    Attachments(PathBuf, #[source] std::io::Error),
    /// The database cannot be used.
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl ServerBuilder {
    /// The entity: made when the database is new, and else the one that must be in it. Without one
    /// it is the database's.
    pub fn entity(mut self, entity: Entity) -> Self {
        self.entity = Some(entity);
        self
    }

    /// Where the API is, as clients reach it. Its scheme says whether cookies are for https alone. By
    /// default it is the entity's URL.
    pub fn root(mut self, root: Server) -> Self {
        self.root = Some(root);
        self
    }

    /// Where everything is kept. By default in memory, which is gone with the server.
    pub fn database(mut self, database: Database) -> Self {
        self.settings.database = Some(database);
        self
    }

    /// The folder for the files of posts, which is made, for its owner alone, when it is not there.
    /// One server alone uses it. By default it is beside the database's file, with `-attachments` added
    /// to the name; those of a database in memory are gone with the server.
    pub fn attachments(mut self, folder: impl Into<PathBuf>) -> Self {
        self.settings.attachments = Some(folder.into());
        self
    }

    /// How much may be attached to a post.
    pub const fn attachment_limits(mut self, limits: AttachmentLimits) -> Self {
        self.settings.attachment_limits = limits;
        self
    }

    /// The passphrase of the entity, if it is yet to be made. One that is in the database keeps its
    /// own.
    pub fn passphrase(self, passphrase: impl Into<Passphrase>) -> Self {
        let passphrase = passphrase.into();
        self.passphrase_with(move || passphrase)
    }

    /// As [`passphrase`](Self::passphrase), asked for on the first start alone: for one that is made
    /// up then, and shown to the owner.
    pub fn passphrase_with(
        mut self,
        passphrase: impl FnOnce() -> Passphrase + Send + 'static,
    ) -> Self {
        self.passphrase = Some(Box::new(passphrase));
        self
    }

    /// Lets entities be in the server's own network, and be asked by plain `http`: for a server that
    /// nobody but its owner uses, or for tests. By default this is so for a root on loopback alone;
    /// else what strangers name could make the server ask what only it can reach.
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

    /// Makes the server, in the runtime that it shall run in, and on the first start its entity with a profile.
    ///
    /// # Errors
    ///
    /// [`StartError`] says what is missing or does not fit.
    pub async fn build(mut self) -> Result<TentServer, StartError> {
        let database = self.settings.storage()?;
        let stored = match &self.entity {
            Some(entity) => database.account_of(entity.clone()).await,
            None => database.account().await,
        };
        let stored = stored.map_err(start_error)?;
        let entity = match (&stored, self.entity) {
            (Some(stored), _) => stored.entity.clone(),
            (None, Some(given)) => match database.account().await.map_err(start_error)? {
                Some(Account { entity: stored, .. }) => {
                    return Err(StartError::OtherEntity { stored, given });
                }
                None => given,
            },
            (None, None) => return Err(StartError::NoEntity),
        };
        let root = account::root(&entity, self.root)?;
        let peers = Arc::new(Peers::of(&root, self.settings.own_network));
        let reach = Reach::one(&peers);
        let files = self.settings.attachments(&*database).await?;
        let resources = Arc::new(Resources::new(database, files, reach, self.settings));
        drop(removal::go_on(&resources)); // of entities that a host had in this database
        let account = match stored {
            Some(stored) => stored,
            None => {
                let passphrase = self.passphrase.ok_or(StartError::NoPassphrase)?();
                account::create(&resources, entity, &root, passphrase).await?
            }
        };
        account::open(&resources, account, root, peers).await
    }
}

pub(crate) fn start_error(error: StorageError) -> StartError {
    match error {
        StorageError::Database(error) => error.into(),
        error => StartError::Profile(error.into()),
    }
}

impl fmt::Debug for ServerBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerBuilder")
            .field("entity", &self.entity)
            .field("root", &self.root)
            .field("database", &self.settings.database)
            .finish_non_exhaustive()
    }
}
