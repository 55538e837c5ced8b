//! The server.

use std::fmt;
use std::future::Future;
use std::ops::Deref;
use std::sync::Arc;
use std::{io, iter};

use axum::extract::FromRequestParts;
use http::Extensions;
use http::request::Parts;
use tent_proto::{Entity, Server};
use tokio::net::TcpListener;

use crate::builder::ServerBuilder;
use crate::connection;
use crate::error::ApiError;
use crate::host::Authority;
use crate::monitor;
use crate::peers::Peers;
use crate::resources::Resources;
use crate::router::{self, Paths};
use crate::storage::Account;

/// A Tent server of one entity. Clones are the same server.
#[derive(Debug, Clone)]
pub struct TentServer {
    shared: Shared,
}

pub(crate) type Shared = Arc<Inner>;

/// What the handlers work with: what is this entity's own, and through it the [`Resources`] that it
/// shares with others.
pub(crate) struct Inner {
    pub(crate) account: Account,
    pub(crate) root: Server,
    pub(crate) peers: Arc<Peers>,
    authorities: Vec<Authority>,
    resources: Arc<Resources>,
}

/// The server that a request is for, in a handler.
#[derive(Clone)]
pub(crate) struct Addressed(pub(crate) Shared);

impl FromRequestParts<()> for Addressed {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, (): &()) -> Result<Self, ApiError> {
        of(&parts.extensions).map(Self)
    }
}

/// The server that a request is for, which is among its extensions: so all share one router, however
/// many there are.
pub(crate) fn of(request: &Extensions) -> Result<Shared, ApiError> {
    let server = request.get::<Shared>().cloned();
    server.ok_or_else(|| ApiError::internal(&io::Error::other("a request was handed to no server")))
}

impl TentServer {
    /// Begins to set a server up.
    pub fn builder() -> ServerBuilder {
        ServerBuilder::default()
    }

    pub(crate) fn new(
        account: Account,
        root: Server,
        peers: Arc<Peers>,
        resources: Arc<Resources>,
    ) -> Self {
        let entity = account.entity.url().ok();
        let urls = iter::once(root.url()).chain(&entity);
        let inner = Inner {
            authorities: urls.filter_map(Authority::of).collect(),
            account,
            root,
            peers,
            resources,
        };
        Self {
            shared: Arc::new(inner),
        }
    }

    /// The entity.
    pub fn entity(&self) -> &Entity {
        &self.shared.account.entity
    }

    pub(crate) const fn shared(&self) -> &Shared {
        &self.shared
    }

    /// The API root.
    pub fn root(&self) -> &Server {
        &self.shared.root
    }

    /// The routes, for an axum program of one's own. The paths are those of the entity's page and
    /// below the API root, as their URLs have them, so merge or serve the router at the top. It has no
    /// fallback: what it does not know is the program's affair. What it does know it refuses for other
    /// hosts than the entity's and the root's, with `421`.
    ///
    /// ```
    /// use axum::{Router, routing::get};
    /// use tent_server::TentServer;
    ///
    /// fn program(server: &TentServer) -> Router {
    ///     let own = Router::new().route("/about", get(|| async { "mine" }));
    ///     own.merge(server.router())
    /// }
    /// ```
    ///
    /// Attempts to sign in are counted by address when the program gives connections as
    /// [`ConnectInfo`](axum::extract::ConnectInfo); else all strangers are counted as one.
    pub fn router(&self) -> axum::Router {
        router::router(Arc::clone(&self.shared), Paths::Own)
    }

    /// Waits until every post that is due has gone to the followers, the mentioned and the apps that are
    /// to get it, or has failed to. The server sends them by itself, and tries again what fails, for
    /// three days; so this is for tests, which need not wait for time to pass.
    pub async fn settle(&self) {
        self.shared.deliveries.settle().await;
    }

    /// What an operator asks, for a listener of its own that only the operator reaches: `/healthz`, whether
    /// the program lives; `/readyz`, whether it would serve a request now, else `503`; and `/metrics`, what
    /// it counts, in the text format of [OpenMetrics](https://prometheus.io/docs/specs/om/open_metrics_spec/).
    pub fn monitor(&self) -> axum::Router {
        monitor::router(&self.shared.resources)
    }

    /// Says from now on that this is about to stop, so that new requests are sent elsewhere: `/readyz` answers
    /// `503`, and every answer closes its connection. All that comes is still served.
    pub fn retire(&self) {
        self.shared.resources.retire();
    }

    /// Serves a listener until `shutdown` ends. Requests in flight are finished then, as far as they
    /// can be within thirty seconds.
    ///
    /// A thousand connections are served at a time; for more, those that have asked for nothing for the
    /// longest are closed. One that takes longer than thirty seconds to send the head of a request, or
    /// its body, is closed or refused, and one that takes nothing of an answer for two minutes is closed. A
    /// program that serves the [router](Self::router) by itself sets such limits for connections, heads and
    /// answers by itself.
    ///
    /// `/healthz` and `/readyz` are answered under whatever host, for whatever watches the program.
    ///
    /// # Errors
    ///
    /// None that is known: what fails for one connection does not end the others, and a listener that
    /// cannot accept is tried again.
    pub async fn serve(
        self,
        listener: TcpListener,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> io::Result<()> {
        tracing::info!(entity = %self.entity(), root = %self.root(), "serving");
        let resources = Arc::clone(&self.shared.resources);
        let router = router::router(self.shared, Paths::All);
        connection::serve(listener, router, &resources, shutdown).await;
        resources.deliveries.stop().await;
        Ok(())
    }
}

impl Inner {
    pub(crate) fn is_https(&self) -> bool {
        self.root.url().scheme() == "https"
    }

    /// What the server answers for: the root's host and port first, which signatures are made for,
    /// and the entity's.
    pub(crate) fn authorities(&self) -> &[Authority] {
        &self.authorities
    }

    /// A link from the entity's page to a path below the root, which may be on another host.
    pub(crate) fn link_to(&self, path: &str) -> String {
        let path = format!("{}{path}", self.root_path());
        let root = self.root.url().origin();
        let entity = self.account.entity.url().map(|url| url.origin());
        if entity.is_ok_and(|entity| entity == root) {
            path
        } else {
            format!("{}{path}", root.ascii_serialization())
        }
    }

    /// The path of the entity's page on this host: its own, or else that of the root.
    pub(crate) fn page_path(&self) -> String {
        let entity = self.account.entity.url().ok();
        let here = self.root.url().origin();
        let own = entity.filter(|entity| entity.origin() == here);
        own.map_or_else(
            || format!("{}/", self.root_path()),
            |own| own.path().to_owned(),
        )
    }

    pub(crate) fn root_path(&self) -> &str {
        root_path(&self.root)
    }
}

impl Deref for Inner {
    type Target = Resources;

    fn deref(&self) -> &Resources {
        &self.resources
    }
}

/// The path of an API root, without a slash at its end.
pub(crate) fn root_path(root: &Server) -> &str {
    root.url().path().trim_end_matches('/')
}

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inner")
            .field("entity", &self.account.entity)
            .field("root", &self.root)
            .finish_non_exhaustive()
    }
}
