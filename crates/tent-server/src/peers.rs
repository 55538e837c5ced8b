//! Other servers, as this one reaches them.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tent_async::{BuildError, Client};
use tent_flow::policy::Retry;
use tent_flow::{AddressRule, Flow, SchemeRule, Seed, is_loopback};
use tent_proto::mac::Credentials;
use tent_proto::{Entity, Policy, Server, Session};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit};

use crate::error::ApiError;
use crate::secret;

/// What other servers are asked with.
///
/// What an entity or a notification path names never makes this server ask its own network, unless it
/// is on loopback itself, or was told to. No proxy of the environment is used.
///
/// Source: `docs/protocol.md` §10.4.
#[derive(Debug)]
pub(crate) struct Peers {
    rule: AddressRule,
    scheme: SchemeRule,
    client: OnceLock<Client>,
    strangers: Semaphore,
    files: Arc<Semaphore>,
}

/// How many servers are asked at a time because strangers want it.
const MOST_FOR_STRANGERS: usize = 16;
/// How many files come from other servers at a time. Each has a thread for itself.
const MOST_FILES: usize = 64;

impl Peers {
    /// For a server with this root.
    pub(crate) fn of(root: &Server, own_network: bool) -> Self {
        if own_network || is_loopback(root.url()) {
            Self::near()
        } else {
            Self::far()
        }
    }

    /// Wherever they are.
    pub(crate) fn near() -> Self {
        Self::new(AddressRule::Any, SchemeRule::HttpAnywhere)
    }

    /// Outside of this server's network alone.
    pub(crate) fn far() -> Self {
        Self::new(AddressRule::PublicOnly, SchemeRule::default())
    }

    fn new(rule: AddressRule, scheme: SchemeRule) -> Self {
        Self {
            rule,
            scheme,
            client: OnceLock::new(),
            strangers: Semaphore::new(MOST_FOR_STRANGERS),
            files: Arc::new(Semaphore::new(MOST_FILES)),
        }
    }

    /// Which schemes may be used.
    pub(crate) const fn scheme(&self) -> SchemeRule {
        self.scheme
    }

    /// The client, made when it is first needed.
    pub(crate) fn client(&self) -> Result<&Client, ApiError> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let client: Result<Client, BuildError> =
            Client::builder().address_rule(self.rule).no_proxy().build();
        let client = client.map_err(|error| ApiError::internal(&error))?;
        Ok(self.client.get_or_init(|| client))
    }

    /// Leave to ask other servers because a stranger wants it, unless too many do.
    pub(crate) fn place_for_strangers(&self) -> Option<SemaphorePermit<'_>> {
        self.strangers.try_acquire().ok()
    }

    /// Leave to fetch a file, unless too many come already.
    pub(crate) fn place_for_files(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.files).try_acquire_owned().ok()
    }

    /// A session with the servers of an entity, signed if there is a credential. It does not wait: who
    /// has no time now is asked again later.
    pub(crate) fn session(
        &self,
        entity: Entity,
        servers: Vec<Server>,
        credentials: Option<Credentials>,
    ) -> Result<Session, ApiError> {
        let session = match credentials {
            None => Session::anonymous(entity, servers),
            Some(credentials) => {
                let seed = Seed::new(secret::random()?);
                Session::new(entity, servers, credentials, seed)
            }
        };
        let policy = Policy::default()
            .retry(Retry::never())
            .longest_wait(Duration::ZERO);
        Ok(session.with_policy(policy).with_scheme_rule(self.scheme))
    }

    /// Runs a flow.
    pub(crate) async fn run<F: Flow>(&self, flow: F) -> Result<F::Output, ApiError> {
        Ok(self.client()?.run(flow).await)
    }
}

/// What servers are asked with on behalf of which entity.
#[derive(Debug, Clone)]
pub(crate) struct Reach {
    near: Arc<Peers>,
    far: Arc<Peers>,
}

impl Reach {
    /// By the same for all.
    pub(crate) fn one(peers: &Arc<Peers>) -> Self {
        Self::new(peers, peers)
    }

    /// By the first for entities on loopback, by the second for all others.
    pub(crate) fn new(near: &Arc<Peers>, far: &Arc<Peers>) -> Self {
        Self {
            near: Arc::clone(near),
            far: Arc::clone(far),
        }
    }

    pub(crate) fn of(&self, own: &Entity) -> &Peers {
        match own.url().is_ok_and(|url| is_loopback(&url)) {
            true => &self.near,
            false => &self.far,
        }
    }
}
