//! Setting a server up, and its first start.

use std::fmt;
use std::time::SystemTime;

use tent_proto::model::{Basic, Core};
use tent_proto::{Entity, Server, Timestamp, TypeUri};

use crate::passphrase::Passphrase;
use crate::peers::Peers;
use crate::router;
use crate::server::{Clock, TentServer};
use crate::storage::{
    Account, Audience, Database, DatabaseError, NewAccount, Section, Storage, StorageError,
};

/// Makes a [`TentServer`].
#[must_use]
pub struct ServerBuilder {
    entity: Option<Entity>,
    root: Option<Server>,
    database: Option<Database>,
    passphrase: Option<Box<dyn FnOnce() -> Passphrase + Send>>,
    own_network: bool,
    clock: Clock,
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
        self.database = Some(database);
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
        self.own_network = allowed;
        self
    }

    /// A clock, in epoch seconds, instead of the system's: for tests.
    pub fn clock(mut self, clock: impl Fn() -> i64 + Send + Sync + 'static) -> Self {
        self.clock = Box::new(clock);
        self
    }

    /// Makes the server, and on the first start its entity with a profile.
    ///
    /// # Errors
    ///
    /// [`StartError`] says what is missing or does not fit.
    pub async fn build(self) -> Result<TentServer, StartError> {
        let database = match self.database {
            Some(database) => database,
            None => Database::in_memory()?,
        };
        let database = database.into_storage();
        let now = (self.clock)();
        let stored = database.account().await.map_err(start_error)?;
        let account = match (stored, self.entity) {
            (Some(stored), Some(given)) if stored.entity != given => {
                return Err(StartError::OtherEntity {
                    stored: stored.entity,
                    given,
                });
            }
            (Some(stored), _) => {
                let root = root(&stored.entity, self.root)?;
                update_servers(&*database, &stored, &root, now).await?;
                let peers = Peers::of(&root, self.own_network);
                return Ok(TentServer::new(stored, root, database, peers, self.clock));
            }
            (None, Some(given)) => given,
            (None, None) => return Err(StartError::NoEntity),
        };
        let root = root(&account, self.root)?;
        let passphrase = self.passphrase.ok_or(StartError::NoPassphrase)?();
        let account = create(&*database, account, &root, passphrase, now).await?;
        let peers = Peers::of(&root, self.own_network);
        Ok(TentServer::new(account, root, database, peers, self.clock))
    }
}

fn start_error(error: StorageError) -> StartError {
    match error {
        StorageError::Database(error) => error.into(),
        error => StartError::Profile(error.into()),
    }
}

/// The root that was given, or else the entity's URL.
fn root(entity: &Entity, given: Option<Server>) -> Result<Server, StartError> {
    let root = given.map_or_else(|| root_of(entity), Ok)?;
    if router::hides_api(entity, &root) {
        return Err(StartError::Page(entity.clone()));
    }
    Ok(root)
}

fn root_of(entity: &Entity) -> Result<Server, StartError> {
    let unsuitable = |cause| StartError::Root(entity.to_string(), cause);
    let url = entity.url().map_err(|error| unsuitable(error.into()))?;
    url.try_into()
        .map_err(|error: tent_proto::ServerError| unsuitable(error.into()))
}

async fn create(
    database: &dyn Storage,
    entity: Entity,
    root: &Server,
    passphrase: Passphrase,
    now: i64,
) -> Result<Account, StartError> {
    let hash = tokio::task::spawn_blocking(move || passphrase.hash()).await;
    let hash = hash.map_err(|error| StartError::Hash(error.into()))?;
    let passphrase = hash.map_err(|error| StartError::Hash(error.into()))?;
    let mut core = Core::default();
    core.entity = Some(entity.clone());
    core.servers = vec![root.to_string()];
    let mut basic = Basic::default();
    basic.name = entity
        .url()
        .ok()
        .and_then(|url| url.host_str().map(str::to_owned));
    let sections = vec![
        section(TypeUri::core(), 1, core_content(&core)?),
        section(TypeUri::basic(), 1, json(&basic)?),
    ];
    let account = NewAccount {
        entity,
        passphrase,
        sections,
        now,
    };
    let account = database
        .create_account(account)
        .await
        .map_err(start_error)?;
    tracing::info!(entity = %account.entity, "the entity was made");
    Ok(account)
}

fn section(section_type: TypeUri, version: u32, content: String) -> Section {
    Section {
        section_type,
        version,
        audience: Audience {
            public: true,
            ..Audience::default()
        },
        content,
    }
}

/// The members of a core section. `licenses` is always there, as the type wants it.
fn core_content(core: &Core) -> Result<String, StartError> {
    let mut content: serde_json::Map<_, _> =
        serde_json::from_str(&json(core)?).map_err(profile_error)?;
    content
        .entry("licenses")
        .or_insert_with(|| serde_json::Value::Array(Vec::new()));
    json(&content)
}

fn json(value: &impl serde::Serialize) -> Result<String, StartError> {
    serde_json::to_string(value).map_err(profile_error)
}

fn profile_error(error: serde_json::Error) -> StartError {
    StartError::Profile(error.into())
}

/// Writes the root into the profile when the server has moved.
async fn update_servers(
    database: &dyn Storage,
    account: &Account,
    root: &Server,
    now: i64,
) -> Result<(), StartError> {
    let sections = database.sections(account.key).await.map_err(start_error)?;
    let core = sections
        .into_iter()
        .find(|section| section.section_type.base() == TypeUri::core().base());
    let Some(stored) = core else { return Ok(()) };
    let mut core: Core = serde_json::from_str(&stored.content).map_err(profile_error)?;
    if core.servers.iter().any(|server| server == root.as_str()) {
        return Ok(());
    }
    core.servers = vec![root.to_string()];
    let content = core_content(&core)?;
    let section = Section {
        version: stored.version + 1,
        content,
        ..stored
    };
    database
        .put_section(account.key, section, now)
        .await
        .map_err(start_error)?;
    tracing::info!(%root, "the API root was changed");
    Ok(())
}

impl Default for ServerBuilder {
    fn default() -> Self {
        let clock = || Timestamp::from(SystemTime::now()).epoch_seconds();
        Self {
            entity: None,
            root: None,
            database: None,
            passphrase: None,
            own_network: false,
            clock: Box::new(clock),
        }
    }
}

impl fmt::Debug for ServerBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerBuilder")
            .field("entity", &self.entity)
            .field("root", &self.root)
            .field("database", &self.database)
            .finish_non_exhaustive()
    }
}
