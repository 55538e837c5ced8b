//! Which request meets which fault.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::Method;
use tent_flow::policy::Jitter;
use tent_flow::{Flow, Moment, Request, Series};
use url::Url;

use super::held::Held;
use super::{Deliver, Disturbed, DisturbedSeries, Fault};

/// Which request meets which [`Fault`]. Clones share what is left of the plan, so that several flows
/// can run under it, one after the other or at once.
///
/// ```
/// use tent_testkit::faults::{Fault, Faults};
///
/// // One request of four finds the server busy, and one of a hundred waits for an answer in vain.
/// let busy = Fault::instead(503, &[("retry-after", "2")], "");
/// let faults = Faults::random(7, [(25, busy), (1, Fault::Silent), (74, Fault::None)]);
///
/// // Only publishing is disturbed, and the clock is ten minutes fast.
/// let faults = Faults::choose(|method, _url| match method.as_str() {
///     "POST" => Fault::ResetAfter,
///     _ => Fault::None,
/// })
/// .with_clock_ahead(600);
/// ```
#[derive(Clone)]
pub struct Faults {
    shared: Arc<Mutex<Shared>>,
    ahead: i64,
    timeout: Duration,
}

struct Shared {
    choose: Choose,
    requests: usize,
    held: Held<Request>,
}

type Choose = Box<dyn FnMut(&Method, &Url) -> Fault + Send>;

impl Faults {
    /// No fault at all.
    pub fn none() -> Self {
        Self::of([])
    }

    /// These faults, one a request, and none after the last. A burst is a fault that is repeated.
    pub fn of<I>(faults: I) -> Self
    where
        I: IntoIterator<Item = Fault, IntoIter: Send + 'static>,
    {
        let mut faults = faults.into_iter().fuse();
        Self::choose(move |_, _| faults.next().unwrap_or_default())
    }

    /// Faults at random, each as often as its weight says. One seed gives one sequence.
    ///
    /// # Panics
    ///
    /// When all weights are zero.
    pub fn random(seed: u64, faults: impl IntoIterator<Item = (u32, Fault)>) -> Self {
        let faults: Vec<_> = faults.into_iter().collect();
        let sum: u64 = faults.iter().map(|(weight, _)| u64::from(*weight)).sum();
        assert!(sum > 0, "there is nothing to choose from");
        let numbers = Jitter::new(seed);
        Self::choose(move |_, _| {
            let mut number = numbers.next(Moment::at_epoch_seconds(0)) % sum;
            for (weight, fault) in &faults {
                match number.checked_sub(u64::from(*weight)) {
                    Some(rest) => number = rest,
                    None => return fault.clone(),
                }
            }
            Fault::None
        })
    }

    /// What this says of each request.
    pub fn choose(choose: impl FnMut(&Method, &Url) -> Fault + Send + 'static) -> Self {
        let shared = Shared {
            choose: Box::new(choose),
            requests: 0,
            held: Held::default(),
        };
        Self {
            shared: Arc::new(Mutex::new(shared)),
            ahead: 0,
            timeout: Duration::from_secs(30),
        }
    }

    /// Lets flows under it see a clock that is so many seconds ahead, or behind for less than 0.
    #[must_use]
    pub const fn with_clock_ahead(mut self, seconds: i64) -> Self {
        self.ahead = seconds;
        self
    }

    /// How long a flow waits for an answer that does not come, when its request does not say: 30
    /// seconds by default.
    #[must_use]
    pub const fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// A flow that meets these faults.
    pub fn under<F: Flow>(&self, flow: F) -> Disturbed<F> {
        Disturbed::new(flow, self.clone())
    }

    /// A list whose pages meet these faults.
    pub fn under_series<S: Series>(&self, series: S) -> DisturbedSeries<S> {
        DisturbedSeries::new(series, self.clone())
    }

    /// The flow that lets all requests arrive that flows under it sent and that are
    /// [late](Fault::Late).
    pub fn deliver(&self) -> Deliver {
        Deliver::new(self.lock().held.all())
    }

    /// How many requests met it, those included that met no fault.
    pub fn requests(&self) -> usize {
        self.lock().requests
    }

    /// The fault for one more request.
    pub(super) fn next(&self, method: &Method, url: &Url) -> Fault {
        let mut shared = self.lock();
        shared.requests += 1;
        (shared.choose)(method, url)
    }

    /// The late requests that arrive before one more.
    pub(super) fn overtaken(&self) -> Vec<Request> {
        self.lock().held.overtake()
    }

    pub(super) fn keep(&self, requests: usize, request: Request) {
        self.lock().held.keep(requests, request);
    }

    pub(super) fn timeout_of(&self, request: &Request) -> Duration {
        request.timeout.unwrap_or(self.timeout)
    }

    pub(super) fn shift(&self, now: Moment) -> Moment {
        let by = Duration::from_secs(self.ahead.unsigned_abs());
        let wall = if self.ahead < 0 {
            now.wall.checked_sub(by)
        } else {
            now.wall.checked_add(by)
        };
        let wall: SystemTime = wall.unwrap_or(UNIX_EPOCH);
        Moment { wall, ..now }
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Faults")
            .field("requests", &self.requests())
            .finish_non_exhaustive()
    }
}
