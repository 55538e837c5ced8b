//! What a session does about limits, failures and dead servers.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tent_flow::policy::{RateLimit, Retry};

use crate::Server;

/// What a session does about limits, failures and dead servers.
///
/// By default a call waits when the server says that it was too much, a quarter of an hour in all at
/// most; what failed and may be repeated is tried on the entity's other servers, and then
/// [twice more](Retry); and when no server answers, the entity is discovered again, since its servers
/// may have moved. What may have been carried out and may not be done twice is never repeated.
///
/// ```
/// use std::time::Duration;
/// use tent_flow::policy::{RateLimit, Retry};
/// use tent_proto::Policy;
///
/// let patient = Policy::default()
///     .rate_limit(RateLimit::pace())
///     .longest_wait(Duration::from_secs(3600))
///     .retry(Retry::times(5))
///     .on_wait(|wait| eprintln!("{} is waited for: {:?}", wait.server, wait.time));
/// let session = patient; // Session::with_policy takes it
/// ```
#[derive(Clone)]
#[must_use]
pub struct Policy {
    pub(crate) rate_limit: RateLimit,
    pub(crate) longest_wait: Duration,
    pub(crate) retry: Retry,
    pub(crate) failover: bool,
    pub(crate) rediscovery: bool,
    on_wait: Option<Hook>,
}

type Hook = Arc<dyn Fn(&Waiting<'_>) + Send + Sync>;

/// A wait that is about to begin.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Waiting<'a> {
    /// What for.
    pub reason: WaitReason,
    /// How long.
    pub time: Duration,
    /// The server that will be asked then, or that was asked last.
    pub server: &'a Server,
}

/// What a wait is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WaitReason {
    /// The server's limit.
    RateLimit,
    /// A failure that may pass.
    Retry,
}

impl Policy {
    /// Asks one server, at once, and not again when that fails. A wrong clock is still repaired, and a
    /// redirect followed.
    pub fn off() -> Self {
        Self {
            rate_limit: RateLimit::Throw,
            retry: Retry::never(),
            failover: false,
            rediscovery: false,
            ..Self::default()
        }
    }

    /// What to do about limits. By default calls wait when the server says that it was too much.
    pub const fn rate_limit(mut self, rule: RateLimit) -> Self {
        self.rate_limit = rule;
        self
    }

    /// For how long one call waits for limits, all its waits together: a quarter of an hour by default.
    /// A call that would have to wait longer is [`CallError::RateLimited`](crate::CallError::RateLimited)
    /// at once.
    pub const fn longest_wait(mut self, time: Duration) -> Self {
        self.longest_wait = time;
        self
    }

    /// How often to try again what failed on every server and may be repeated.
    pub const fn retry(mut self, retry: Retry) -> Self {
        self.retry = retry;
        self
    }

    /// Whether the entity's other servers are asked when one fails. By default they are.
    pub const fn failover(mut self, failover: bool) -> Self {
        self.failover = failover;
        self
    }

    /// Whether the entity is discovered again when no server answers. By default it is, at most once a
    /// minute.
    pub const fn rediscovery(mut self, rediscovery: bool) -> Self {
        self.rediscovery = rediscovery;
        self
    }

    /// Calls this before each wait. It must not block.
    pub fn on_wait(mut self, hook: impl Fn(&Waiting<'_>) + Send + Sync + 'static) -> Self {
        self.on_wait = Some(Arc::new(hook));
        self
    }

    pub(crate) fn tell(&self, waiting: &Waiting<'_>) {
        if let Some(hook) = &self.on_wait {
            hook(waiting);
        }
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            rate_limit: RateLimit::Wait,
            longest_wait: Duration::from_secs(15 * 60),
            retry: Retry::default(),
            failover: true,
            rediscovery: true,
            on_wait: None,
        }
    }
}

impl fmt::Debug for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Policy")
            .field("rate_limit", &self.rate_limit)
            .field("longest_wait", &self.longest_wait)
            .field("retry", &self.retry)
            .field("failover", &self.failover)
            .field("rediscovery", &self.rediscovery)
            .finish_non_exhaustive()
    }
}
