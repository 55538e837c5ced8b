//! The server.

use std::fmt;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tent_proto::{Entity, Server};
use tokio::net::TcpListener;
use tokio::sync::{Notify, Semaphore};

use crate::attempts::Attempts;
use crate::builder::ServerBuilder;
use crate::host::Authority;
use crate::nonce::NonceMemory;
use crate::router;
use crate::storage::{Account, Storage};

/// How long requests in flight have when the server is told to stop.
const GRACE: Duration = Duration::from_secs(30);

/// A Tent server of one entity. Clones are the same server.
#[derive(Debug, Clone)]
pub struct TentServer {
    shared: Shared,
}

pub(crate) type Shared = Arc<Inner>;

/// The time in epoch seconds.
pub(crate) type Clock = Box<dyn Fn() -> i64 + Send + Sync>;

/// What the handlers work with.
pub(crate) struct Inner {
    pub(crate) account: Account,
    pub(crate) root: Server,
    pub(crate) database: Arc<dyn Storage>,
    pub(crate) nonces: NonceMemory,
    pub(crate) attempts: Attempts,
    /// How many passphrases are hashed at a time: each takes 19 MiB.
    pub(crate) hashing: Semaphore,
    clock: Clock,
    authorities: Vec<Authority>,
}

impl TentServer {
    /// Begins to set a server up.
    pub fn builder() -> ServerBuilder {
        ServerBuilder::default()
    }

    pub(crate) fn new(
        account: Account,
        root: Server,
        database: Arc<dyn Storage>,
        clock: Clock,
    ) -> Self {
        let entity = account.entity.url().ok();
        let urls = entity.iter().chain([root.url()]);
        let inner = Inner {
            authorities: urls.filter_map(Authority::of).collect(),
            account,
            root,
            database,
            nonces: NonceMemory::default(),
            attempts: Attempts::default(),
            hashing: Semaphore::new(2),
            clock,
        };
        Self {
            shared: Arc::new(inner),
        }
    }

    /// The entity.
    pub fn entity(&self) -> &Entity {
        &self.shared.account.entity
    }

    /// The API root.
    pub fn root(&self) -> &Server {
        &self.shared.root
    }

    /// The routes, for an axum program of one's own. The paths are those of the entity's page and
    /// below the API root, as their URLs have them, so merge or serve the router at the top.
    ///
    /// Attempts to sign in are counted by address when the program gives connections as
    /// [`ConnectInfo`](axum::extract::ConnectInfo); else all strangers are counted as one.
    pub fn router(&self) -> axum::Router {
        router::router(Arc::clone(&self.shared))
    }

    /// Serves a listener until `shutdown` ends. Requests in flight are finished then, as far as they
    /// can be within thirty seconds.
    ///
    /// # Errors
    ///
    /// When the listener fails.
    pub async fn serve(
        self,
        listener: TcpListener,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> std::io::Result<()> {
        let stopping = Arc::new(Notify::new());
        let stop = Arc::clone(&stopping);
        let shutdown = async move {
            shutdown.await;
            tracing::info!("stopping");
            stop.notify_one();
        };
        let grace = async {
            stopping.notified().await;
            tokio::time::sleep(GRACE).await;
        };
        tracing::info!(entity = %self.entity(), root = %self.root(), "serving");
        let service = self
            .router()
            .into_make_service_with_connect_info::<SocketAddr>();
        let serve = axum::serve(listener, service).with_graceful_shutdown(shutdown);
        tokio::select! {
            result = serve => result,
            () = grace => {
                tracing::warn!("some requests did not end in time");
                Ok(())
            }
        }
    }
}

impl Inner {
    /// The time in epoch seconds.
    pub(crate) fn now(&self) -> i64 {
        (self.clock)()
    }

    pub(crate) fn is_https(&self) -> bool {
        self.root.url().scheme() == "https"
    }

    /// The port of a `Host` header that names none.
    pub(crate) fn default_port(&self) -> u16 {
        if self.is_https() { 443 } else { 80 }
    }

    /// The hosts that the server answers for: the entity's and the root's.
    pub(crate) fn authorities(&self) -> &[Authority] {
        &self.authorities
    }

    /// The path of the API root, without a slash at its end.
    pub(crate) fn root_path(&self) -> &str {
        self.root.url().path().trim_end_matches('/')
    }
}

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inner")
            .field("entity", &self.account.entity)
            .field("root", &self.root)
            .finish_non_exhaustive()
    }
}
