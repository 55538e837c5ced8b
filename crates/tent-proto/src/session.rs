//! Calls on behalf of one entity.

mod calls;
mod renewal;
mod servers;
mod signer;

use std::error::Error;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use sha2::{Digest as _, Sha256};
use tent_flow::policy::{Jitter, Limiter, Limiters, Limits};
use tent_flow::{Moment, SchemeRule, Seed};
use url::Url;

use self::renewal::Renewal;
pub(crate) use self::renewal::{Renewing, Turn};
pub(crate) use self::servers::Servers;
use self::signer::Signer;
use crate::login::Account;
use crate::mac::{Credentials, Nonces};
use crate::origin::is_same_origin;
use crate::{BuildError, CallError, Entity, Policy, Server};

/// An entity, its servers, and mostly a credential: what calls are made with.
///
/// Clones share the servers, the credential and the counter of the nonces, and what was learned of the
/// servers: their limits, their clocks, which of them answer. So all threads and tasks of a program that
/// use one account should use clones of one session; several of one account share at least their limits
/// [with a client](Self::with_limiters). A [`Policy`] says what is done about limits and failures.
///
/// ```
/// use tent_flow::Seed;
/// use tent_flow::script::{Answer, Script};
/// use tent_proto::mac::{Algorithm, Credentials};
/// use tent_proto::{Entity, Post, Session};
///
/// let entity: Entity = "https://alice.example".parse()?;
/// let servers = vec!["https://tent.alice.example".parse()?];
/// let credentials = Credentials::new("u:7nC2", "0f1e2d3c", Algorithm::HmacSha256)?;
/// let session = Session::new(entity, servers, credentials, Seed::new([7; 32]));
///
/// let mut server = Script::new().on(
///     "POST",
///     "https://tent.alice.example/posts",
///     Answer::json(r#"{"id":"p0Lk3","type":"https://tent.io/types/post/status/v0.1.0"}"#),
/// );
/// let post = server.run(session.create_post(&Post::status("Hello").public()))?;
/// assert_eq!(post.id.unwrap().as_str(), "p0Lk3");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Session {
    shared: Arc<Shared>,
    scheme: SchemeRule,
    policy: Policy,
}

#[derive(Debug)]
struct Shared {
    entity: Entity,
    servers: Arc<Servers>,
    signer: Option<Signer>,
    renewal: Option<Arc<Renewal>>,
    jitter: Jitter,
    limiters: OnceLock<Limiters>,
    /// When the entity was discovered again, in seconds of the monotonic clock, from 1.
    rediscovered: AtomicU64,
}

/// How many seconds lie between two discoveries of the entity, at least.
const REDISCOVERY_PAUSE: u64 = 60;

impl Session {
    /// Calls signed with this credential, to servers that the entity's own profile names.
    pub fn new(entity: Entity, servers: Vec<Server>, credentials: Credentials, seed: Seed) -> Self {
        let bytes = seed.into_bytes();
        let [.., a, b, c, d, e, f, g, h] = bytes; // nonces use the first half
        let jitter = Jitter::new(u64::from_le_bytes([a, b, c, d, e, f, g, h]));
        let nonces = Nonces::new(Seed::new(bytes));
        let signer = Signer::new(credentials, nonces);
        Self::with(entity, servers, Some(signer), None, jitter)
    }

    /// Calls on behalf of an account, which may expire.
    pub(crate) fn of_account(account: &Account, seed: Seed) -> Self {
        let bytes = seed.into_bytes();
        let renewal = Renewal::of(account, Seed::new(Sha256::digest(bytes).into()));
        let registration = &account.registration;
        let mut session = Self::new(
            registration.entity.clone(),
            registration.servers.clone(),
            account.credentials.clone(),
            Seed::new(bytes),
        );
        if let Some(shared) = Arc::get_mut(&mut session.shared) {
            shared.renewal = renewal.map(Arc::new);
        }
        session
    }

    /// Calls that are not signed, and so see what everybody may see.
    pub fn anonymous(entity: Entity, servers: Vec<Server>) -> Self {
        Self::with(entity, servers, None, None, Jitter::default())
    }

    fn with(
        entity: Entity,
        servers: Vec<Server>,
        signer: Option<Signer>,
        renewal: Option<Arc<Renewal>>,
        jitter: Jitter,
    ) -> Self {
        Self {
            shared: Arc::new(Shared {
                entity,
                servers: Arc::new(Servers::new(servers)),
                signer,
                renewal,
                jitter,
                limiters: OnceLock::new(),
                rediscovered: AtomicU64::new(0),
            }),
            scheme: SchemeRule::default(),
            policy: Policy::default(),
        }
    }

    /// Says what is done about limits, failures and dead servers. Clones may have different policies,
    /// and still share what they learn.
    #[must_use]
    pub fn with_policy(mut self, policy: Policy) -> Self {
        self.policy = policy;
        self
    }

    /// Shares what servers say of their limits with other sessions that have the same credential, by the
    /// `limiters` of a driver's client. Clones of a session share it without.
    ///
    /// What is said first counts, for all clones, and before the first call.
    #[must_use]
    pub fn with_limiters(self, limiters: &Limiters) -> Self {
        let _ = self.shared.limiters.set(limiters.clone());
        self
    }

    /// Says which schemes may be used. By default `http` is for loopback alone.
    #[must_use]
    pub const fn with_scheme_rule(mut self, rule: SchemeRule) -> Self {
        self.scheme = rule;
        self
    }

    /// Renews the credential before it expires, and has this save the account then.
    ///
    /// It is for sessions of an [`Account`](crate::login::Account::session) that expires and has a refresh
    /// token; others never change. The call that comes when a quarter of the time is left renews it,
    /// for all clones of the session, and **saves it before it is used**: when that fails, calls end as
    /// [`CallError::NotSaved`](crate::CallError::NotSaved), and the next one tries to save it again. A
    /// renewal that fails is tried again later. When the credential has expired nevertheless,
    /// [`is_dead_credential`](crate::CallError::is_dead_credential) tells.
    ///
    /// What is said first counts, for all clones. It should not block for long.
    ///
    /// Source: RFC 6749 §6; `docs/protocol.md` §4.6.
    #[must_use]
    pub fn on_change<E: Into<Box<dyn Error + Send + Sync>>>(
        self,
        save: impl Fn(&Account) -> Result<(), E> + Send + Sync + 'static,
    ) -> Self {
        if let Some(renewal) = &self.shared.renewal {
            renewal.save_with(Box::new(move |account| save(account).map_err(Into::into)));
        }
        self
    }

    /// The entity.
    pub fn entity(&self) -> &Entity {
        &self.shared.entity
    }

    /// The entity's servers, most preferred first; those it was made with, or those that the profile
    /// named when the entity was discovered again.
    pub fn servers(&self) -> &[Server] {
        self.latest_servers().list()
    }

    /// The server that answered last, or else the most preferred.
    pub fn preferred(&self) -> Option<&Server> {
        let servers = self.latest_servers();
        servers.get(servers.preferred())
    }

    /// What that server said last of its limit for this session.
    pub fn limits(&self) -> Limits {
        let servers = self.latest_servers();
        let limiter = self.limiter(servers, servers.preferred());
        limiter.map(Limiter::limits).unwrap_or_default()
    }

    /// The credential; `None` for an anonymous session.
    pub fn credentials(&self) -> Option<&Credentials> {
        self.signer().map(Signer::credentials)
    }

    /// Whether a URL may be asked in this session: it is on the server, by a scheme that is allowed.
    pub(crate) fn check(&self, server: &Server, url: &Url) -> Result<(), BuildError> {
        self.scheme.check(url)?;
        if is_same_origin(server.url(), url) {
            Ok(())
        } else {
            Err(BuildError::OtherOrigin(Box::new(url.clone())))
        }
    }

    pub(crate) fn signer(&self) -> Option<&Signer> {
        self.shared.signer.as_ref()
    }

    /// What is to be done before a call is signed.
    pub(crate) fn turn(&self, now: Moment) -> Result<Turn, CallError> {
        let Some(renewal) = &self.shared.renewal else {
            return Ok(Turn::Sign);
        };
        let (turn, changed) = renewal.turn(now, self.scheme)?;
        if let (Some(credentials), Some(signer)) = (changed, self.signer()) {
            signer.change(credentials);
        }
        Ok(turn)
    }

    pub(crate) fn latest_servers(&self) -> &Arc<Servers> {
        self.shared.servers.latest()
    }

    /// The limiter of one of these servers.
    pub(crate) fn limiter<'a>(&self, servers: &'a Servers, index: usize) -> Option<&'a Limiter> {
        servers.limiter(index, |server| {
            let limiters = self.shared.limiters.get();
            let id = self.credentials().map(Credentials::id);
            limiters.map_or_else(Limiter::default, |limiters| {
                limiters.limiter(server.as_str(), id)
            })
        })
    }

    pub(crate) const fn policy(&self) -> &Policy {
        &self.policy
    }

    pub(crate) const fn scheme(&self) -> SchemeRule {
        self.scheme
    }

    pub(crate) fn random(&self, now: Moment) -> u64 {
        self.shared.jitter.next(now)
    }

    /// Whether the entity may be discovered again now. It counts as done with this.
    pub(crate) fn may_rediscover(&self, now: Moment) -> bool {
        let now = now.mono.as_secs() + 1;
        let last = self.shared.rediscovered.load(Ordering::Relaxed);
        let may = last == 0 || now >= last + REDISCOVERY_PAUSE;
        let exchange = |last| {
            let rediscovered = &self.shared.rediscovered;
            rediscovered.compare_exchange(last, now, Ordering::Relaxed, Ordering::Relaxed)
        };
        may && exchange(last).is_ok()
    }
}
