//! Many entities on one server.

mod builder;
mod places;
mod watch;

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use tent_flow::is_loopback;
use tent_proto::{Entity, Server};
use tokio::net::TcpListener;

pub use self::builder::HostBuilder;
use self::places::{Place, Places, Taken};
use self::watch::Watch;
use crate::account;
use crate::body::rest;
use crate::builder::{StartError, start_error};
use crate::connection;
use crate::error::ApiError;
use crate::host;
use crate::monitor;
use crate::passphrase::Passphrase;
use crate::peers::Peers;
use crate::removal;
use crate::resources::Resources;
use crate::router;
use crate::server::{Shared, TentServer};
use crate::storage::{Account, StorageError};

/// Many entities, served from one database. Clones are the same host.
///
/// An entity is found by the host that a request names and by its path: `https://bob.example` and
/// `https://example.com/~alice` can stand beside each other. Its API root is its URL. Each has a
/// passphrase, sessions, apps and posts of its own; the database, the limits and what guesses cost
/// are shared. Entities come and go while it runs, at other processes that use the database, too.
///
/// ```
/// use tent_server::{Database, TentHost};
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// let host = TentHost::builder().database(Database::in_memory()?).build().await?;
/// host.create("https://example.com/~alice".parse()?, "correct horse").await?;
/// host.create("https://bob.example".parse()?, "battery staple").await?;
/// assert_eq!(host.entities().await?.len(), 2);
///
/// let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
/// let stop = async { /* a signal, say */ };
/// host.serve(listener, stop).await?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct TentHost {
    inner: Arc<Inner>,
}

struct Inner {
    resources: Arc<Resources>,
    places: Places,
    /// Where other processes make and remove entities, too.
    watch: Option<Watch>,
    /// For entities on loopback, or for all when that was said.
    near: Arc<Peers>,
    /// For all others.
    far: Arc<Peers>,
}

impl TentHost {
    /// Begins to set a host up.
    pub fn builder() -> HostBuilder {
        HostBuilder::default()
    }

    /// The entities, in the order in which they were made.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn entities(&self) -> Result<Vec<Entity>, StartError> {
        let entities = self.inner.resources.database.entities().await;
        entities.map_err(start_error)
    }

    /// Makes an entity. It is served at once.
    ///
    /// # Errors
    ///
    /// When its URL cannot be an API root, or is where another entity has something; and when the
    /// database fails.
    pub async fn create(
        &self,
        entity: Entity,
        passphrase: impl Into<Passphrase>,
    ) -> Result<(), StartError> {
        let root = account::root(&entity, None)?;
        let place = Place::of(&root);
        self.inner.look().await?;
        // What is claimed here nobody else can make meanwhile.
        let claim = self.inner.places.claim(place, &entity)?;
        account::create(&self.inner.resources, entity, &root, passphrase.into()).await?;
        claim.keep();
        Ok(())
    }

    /// Removes an entity and everything of it. `false` when there is none of this URL. It is gone at
    /// once, and its URL is free; what it leaves is deleted bit by bit, after a restart if it must be.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn remove(&self, entity: &Entity) -> Result<bool, StartError> {
        let Ok(root) = account::root(entity, None) else {
            return Ok(false);
        };
        self.inner.look().await?;
        let Some(closed) = self.inner.places.close(Place::of(&root), entity) else {
            return Ok(false);
        };
        let database = &self.inner.resources.database;
        let removed = match database.remove_account(entity.clone()).await {
            Ok(removed) => removed,
            Err(error) => {
                closed.keep();
                return Err(start_error(error));
            }
        };
        drop(closed);
        let _ = removal::go_on(&self.inner.resources).await; // it is gone whatever comes of that
        tracing::info!(%entity, removed, "an entity was removed");
        Ok(removed)
    }

    /// Changes the passphrase of an entity, and signs all its browsers out. `false` when there is none
    /// of this URL.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn change_passphrase(
        &self,
        entity: &Entity,
        passphrase: impl Into<Passphrase>,
    ) -> Result<bool, StartError> {
        let resources = &self.inner.resources;
        let account = resources.database.account_of(entity.clone()).await;
        let Some(account) = account.map_err(start_error)? else {
            return Ok(false);
        };
        let hash = account::hash(resources, passphrase.into()).await?;
        let changed = resources.database.change_passphrase(account.key, hash);
        changed.await.map_err(start_error)?;
        Ok(true)
    }

    /// The server of one entity, if there is such an entity.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn server(&self, entity: &Entity) -> Result<Option<TentServer>, StartError> {
        self.inner.server(entity).await
    }

    /// All routes of all entities, for an axum program of one's own. It answers every path: nest
    /// nothing below it, and give it what the program's own routes leave, as its
    /// [`fallback_service`](Router::fallback_service).
    ///
    /// ```
    /// use axum::{Router, routing::get};
    /// use tent_server::TentHost;
    ///
    /// fn program(host: &TentHost) -> Router {
    ///     let own = Router::new().route("/about", get(|| async { "ours" }));
    ///     own.fallback_service(host.router())
    /// }
    /// ```
    pub fn router(&self) -> Router {
        Router::new()
            .fallback(dispatch)
            .with_state(Arc::clone(&self.inner))
    }

    /// What an operator asks, for a listener of its own that only the operator reaches: `/healthz`, whether
    /// the program lives; `/readyz`, whether it would serve a request now, else `503`; and `/metrics`, what
    /// it counts, in the text format of [OpenMetrics](https://prometheus.io/docs/specs/om/open_metrics_spec/).
    pub fn monitor(&self) -> Router {
        monitor::router(&self.inner.resources)
    }

    /// Serves the [monitor](Self::monitor) at a listener of its own, for as long as the future is polled.
    ///
    /// # Errors
    ///
    /// None that is known.
    pub async fn serve_monitor(self, listener: TcpListener) -> std::io::Result<()> {
        axum::serve(listener, self.monitor()).await
    }

    /// Says from now on that this is about to stop, so that new requests are sent elsewhere: `/readyz` answers
    /// `503`, and every answer closes its connection. All that comes is still served.
    pub fn retire(&self) {
        self.inner.resources.retire();
    }

    /// Serves a listener until `shutdown` ends, as [`TentServer::serve`] does.
    ///
    /// # Errors
    ///
    /// None that is known.
    pub async fn serve(
        self,
        listener: TcpListener,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> std::io::Result<()> {
        tracing::info!("serving");
        let resources = &self.inner.resources;
        connection::serve(listener, self.router(), resources, shutdown).await;
        resources.deliveries.stop().await;
        Ok(())
    }
}

impl Inner {
    async fn server(&self, entity: &Entity) -> Result<Option<TentServer>, StartError> {
        let account = self.resources.database.account_of(entity.clone()).await;
        match account.map_err(start_error)? {
            Some(account) => self.open(account).await.map(Some),
            None => Ok(None),
        }
    }

    async fn open(&self, account: Account) -> Result<TentServer, StartError> {
        let root = account::root(&account.entity, None)?;
        let peers = Arc::clone(self.peers(&root));
        account::open(&self.resources, account, root, peers).await
    }

    fn peers(&self, root: &Server) -> &Arc<Peers> {
        if is_loopback(root.url()) {
            &self.near
        } else {
            &self.far
        }
    }

    /// The server of the entity that a request is for.
    async fn server_for(
        &self,
        (host, port): (String, Option<u16>),
        path: &str,
    ) -> Result<Shared, ApiError> {
        match self.server_at(&host, port, path).await {
            Ok(Some(server)) => Ok(server),
            Ok(None) if self.places.has(&host, port) => Err(ApiError::not_found()),
            Ok(None) => Err(host::misdirected()),
            Err(StartError::Database(error)) => Err(StorageError::from(error).into()),
            Err(error) => Err(ApiError::internal(&error)),
        }
    }

    /// The server of the entity that is there, if there is one.
    async fn server_at(
        &self,
        host: &str,
        port: Option<u16>,
        path: &str,
    ) -> Result<Option<Shared>, StartError> {
        let found = match self.places.find(host, port, path) {
            None if self.look_for_stranger().await? => self.places.find(host, port, path),
            found => found,
        };
        let Some(found) = found else {
            return Ok(None);
        };
        if found.server.is_some() {
            return Ok(found.server);
        }
        let Some(server) = self.server(&found.entity).await? else {
            return Ok(None);
        };
        let server = Arc::clone(server.shared());
        self.places.keep_server(&found, Arc::clone(&server));
        Ok(Some(server))
    }
}

/// Hands a request to the entity that it is for.
async fn dispatch(State(inner): State<Arc<Inner>>, request: Request) -> Response {
    let server = match host::named(&request, &inner.resources) {
        Ok(named) => inner.server_for(named, request.uri().path()).await,
        Err(text) => Err(ApiError::bad_request(text)),
    };
    match server {
        Ok(server) => router::hand_to(server, request).await,
        Err(error) => rest::refuse(request, error.into_response()).await,
    }
}

impl From<Taken> for StartError {
    fn from(Taken(entity): Taken) -> Self {
        Self::Taken(entity)
    }
}

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TentHost").finish_non_exhaustive()
    }
}
