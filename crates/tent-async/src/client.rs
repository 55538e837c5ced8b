//! The loop that runs a flow.

use std::pin::{Pin, pin};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant, SystemTime};
use std::{fmt, mem};

use bytes::Bytes;
use http::Response;
use http::response::Parts;
use tent_flow::policy::Limiters;
use tent_flow::{
    AddressRule, Delivery, Effect, Flow, Input, Moment, Request, Seed, Series, Sink, Step, Traced,
    TransportError, TransportErrorKind, is_loopback,
};
use tokio::time::{sleep, timeout};

use crate::gate::{Gate, Line};
use crate::streamed_body::Progress;
use crate::{BuildError, ClientBuilder, Items, blocking_sink, convert};

/// Runs flows, in the task that awaits it.
///
/// It keeps connections open between requests. Clones share them and cost little; tasks can share
/// one, too.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    /// For loopback, when the environment names a proxy for the rest.
    past_proxy: Option<reqwest::Client>,
    limits: Limits,
    rule: AddressRule,
    limiters: Limiters,
    gate: Option<(Arc<Gate>, Line)>,
}

/// How long things may take. (What `reqwest` offers counts the time of an upload as silence.)
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Limits {
    pub(crate) read: Option<Duration>,
    pub(crate) total: Option<Duration>,
}

impl Client {
    /// A client with the settings that [`ClientBuilder`] starts from.
    ///
    /// # Errors
    ///
    /// When the environment names a proxy that cannot be used, or TLS cannot be set up.
    pub fn new() -> Result<Self, BuildError> {
        Self::builder().build()
    }

    /// Sets up a client.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }

    pub(crate) fn from_parts(
        http: reqwest::Client,
        past_proxy: Option<reqwest::Client>,
        limits: Limits,
        rule: AddressRule,
    ) -> Self {
        Self {
            http,
            past_proxy,
            limits,
            rule,
            limiters: Limiters::default(),
            gate: None,
        }
    }

    /// Lets no more in flight than this.
    pub(crate) fn with_gate(self, gate: Gate) -> Self {
        let line = gate.line();
        Self {
            gate: Some((Arc::new(gate), line)),
            ..self
        }
    }

    /// The same client, whose requests wait in a line of their own where there is a bound on what is
    /// [in flight](ClientBuilder::in_flight). A clone waits in the line of the original.
    ///
    /// A program that acts for many entities takes one for each, so that one who has much to do is not
    /// in the way of the others.
    #[must_use]
    pub fn line(&self) -> Self {
        let mut own = self.clone();
        if let Some((gate, line)) = &mut own.gate {
            *line = gate.line();
        }
        own
    }

    /// Runs a flow to its end, [seen](Traced) if anybody looks.
    pub async fn run<F: Flow>(&self, flow: F) -> F::Output {
        let mut flow = Traced::new(flow);
        let mut input = Input::Ready;
        loop {
            input = match flow.step(now(), input) {
                Step::Do(Effect::Send(request, sink)) => match self.send(request, sink).await {
                    Ok(response) => Input::Response(response),
                    Err(error) => Input::Failed(error),
                },
                Step::Do(Effect::Wait(time)) => {
                    sleep(time).await;
                    Input::Ready
                }
                Step::Do(_) => Input::Failed(TransportError::unsupported("unknown effect")),
                Step::Done(output) => return output,
            };
        }
    }

    /// The elements of a list, page after page. Each page is fetched when it is needed.
    pub fn items<S: Series>(&self, series: S) -> Items<S> {
        Items::new(self.clone(), series)
    }

    /// What is known of servers' limits, for sessions that are made one by one and have the same
    /// credential: `session.with_limiters(client.limiters())`. Clones of the client share it.
    pub const fn limiters(&self) -> &Limiters {
        &self.limiters
    }

    /// Randomness of the system's generator.
    ///
    /// # Panics
    ///
    /// When the system has none to give, since nothing secret can be made without.
    pub fn seed(&self) -> Seed {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).expect("the system's generator has randomness");
        Seed::new(bytes)
    }

    async fn send(
        &self,
        request: Request,
        sink: Box<dyn Sink>,
    ) -> Result<Response<Bytes>, TransportError> {
        convert::check(&request.url, self.rule)?;
        let _place = match &self.gate {
            Some((gate, line)) => Some(gate.enter(&request.url, *line).await),
            None => None,
        };
        let limit = request.timeout.or(self.limits.total);
        within(limit, pin!(self.exchange(request, sink))).await?
    }

    async fn exchange(
        &self,
        request: Request,
        mut sink: Box<dyn Sink>,
    ) -> Result<Response<Bytes>, TransportError> {
        let http = match &self.past_proxy {
            Some(past_proxy) if is_loopback(&request.url) => past_proxy,
            _ => &self.http,
        };
        let (request, progress) = convert::request(request);
        let silence = self.limits.read;
        let response = while_moving(silence, &progress, pin!(http.execute(request))).await?;
        let mut answer = Answer {
            response: response.map_err(convert::error)?,
            silence,
        };
        let head = answer.head();
        if sink.blocks() {
            return blocking_sink::write(head, answer, sink).await;
        }
        sink.begin(&head);
        while let Some(chunk) = answer.chunk().await? {
            let flow = sink.chunk(&chunk);
            if flow.map_err(TransportError::from_sink)?.is_break() {
                break;
            }
        }
        let kept = sink.finish().map_err(TransportError::from_sink)?;
        Ok(Response::from_parts(head, kept))
    }
}

/// A client of `reqwest` of one's own, with its connections, proxy, TLS and timeouts. It should follow
/// no redirects and repeat nothing; an [`AddressRule`] is up to its resolver.
impl From<reqwest::Client> for Client {
    fn from(http: reqwest::Client) -> Self {
        Self::from_parts(http, None, Limits::default(), AddressRule::Any)
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("limits", &self.limits)
            .field("rule", &self.rule)
            .finish_non_exhaustive()
    }
}

/// An answer whose body is on its way.
pub(crate) struct Answer {
    response: reqwest::Response,
    silence: Option<Duration>,
}

impl Answer {
    /// The head, taken out of the answer.
    fn head(&mut self) -> Parts {
        let (mut head, ()) = Response::new(()).into_parts();
        head.status = self.response.status();
        head.version = self.response.version();
        head.headers = mem::take(self.response.headers_mut());
        head
    }

    /// The next bytes of the body; none at its end.
    pub(crate) async fn chunk(&mut self) -> Result<Option<Bytes>, TransportError> {
        let chunk = within(self.silence, self.response.chunk()).await?;
        chunk.map_err(convert::broken)
    }
}

/// Waits no longer than the limit, if there is one. A large future is better given pinned: it would be
/// moved, and that costs.
async fn within<T>(
    limit: Option<Duration>,
    future: impl Future<Output = T>,
) -> Result<T, TransportError> {
    let Some(limit) = limit else {
        return Ok(future.await);
    };
    timeout(limit, future).await.map_err(|elapsed| {
        TransportError::new(TransportErrorKind::Timeout, Delivery::Possible).because(elapsed)
    })
}

/// Waits as long as the limit, and again as long as there was progress meanwhile.
async fn while_moving<T>(
    limit: Option<Duration>,
    progress: &Progress,
    mut future: Pin<&mut impl Future<Output = T>>,
) -> Result<T, TransportError> {
    loop {
        let before = progress.count();
        match within(limit, future.as_mut()).await {
            Err(_) if progress.count() != before => {}
            outcome => return outcome,
        }
    }
}

fn now() -> Moment {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    Moment {
        wall: SystemTime::now(),
        mono: START.elapsed(),
    }
}

#[cfg(test)]
mod tests {
    use tokio::runtime::Builder;

    use super::*;

    #[test]
    fn a_slow_upload_is_not_silence() {
        let limit = Duration::from_secs(30);
        let mut runtime = Builder::new_current_thread();
        let runtime = runtime.enable_time().start_paused(true).build();
        runtime.unwrap().block_on(async {
            let mut progress = Progress::default();
            let taken = progress.counter();
            let upload = async {
                for _ in 0..100 {
                    sleep(limit * 2 / 3).await;
                    taken.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                }
                "answer"
            };
            let outcome = while_moving(Some(limit), &progress, pin!(upload)).await;
            assert_eq!(outcome.unwrap(), "answer");
            let began = tokio::time::Instant::now();
            let silence = while_moving(Some(limit), &progress, pin!(sleep(limit * 2))).await;
            assert_eq!(silence.unwrap_err().kind(), TransportErrorKind::Timeout);
            assert_eq!(began.elapsed(), limit);
        });
    }
}
