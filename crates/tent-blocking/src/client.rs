//! The loop that runs a flow.

use std::fmt;
use std::io::Read;
use std::sync::LazyLock;
use std::thread;
use std::time::{Instant, SystemTime};

use bytes::Bytes;
use http::Response;
use tent_flow::policy::Limiters;
use tent_flow::{
    AddressRule, Effect, Flow, Input, Moment, Request, Seed, Series, Sink, Step, Traced,
    TransportError, is_loopback,
};
use ureq::Agent;

use crate::{BuildError, ClientBuilder, Items, convert};

/// Runs flows, on the thread that calls it.
///
/// It keeps connections open between requests. Clones share them and cost little; threads can share
/// one, too.
#[derive(Clone)]
pub struct Client {
    agent: Agent,
    /// For loopback, when the environment names a proxy for the rest.
    past_proxy: Option<Agent>,
    rule: AddressRule,
    limiters: Limiters,
}

impl Client {
    /// A client with the settings that [`ClientBuilder`] starts from.
    ///
    /// # Errors
    ///
    /// When the environment names a proxy that cannot be used.
    pub fn new() -> Result<Self, BuildError> {
        Self::builder().build()
    }

    /// Sets up a client.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }

    pub(crate) fn from_parts(agent: Agent, past_proxy: Option<Agent>, rule: AddressRule) -> Self {
        Self {
            agent,
            past_proxy,
            rule,
            limiters: Limiters::default(),
        }
    }

    /// Runs a flow to its end, [seen](Traced) if anybody looks.
    pub fn run<F: Flow>(&self, flow: F) -> F::Output {
        let mut flow = Traced::new(flow);
        let mut input = Input::Ready;
        loop {
            input = match flow.step(now(), input) {
                Step::Do(Effect::Send(request, mut sink)) => {
                    match self.send(request, sink.as_mut()) {
                        Ok(response) => Input::Response(response),
                        Err(error) => Input::Failed(error),
                    }
                }
                Step::Do(Effect::Wait(time)) => {
                    thread::sleep(time);
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

    fn send(
        &self,
        request: Request,
        sink: &mut dyn Sink,
    ) -> Result<Response<Bytes>, TransportError> {
        convert::check(&request.url, self.rule)?;
        let agent = match &self.past_proxy {
            Some(past_proxy) if is_loopback(&request.url) => past_proxy,
            _ => &self.agent,
        };
        let (head, body) = convert::start(agent, request)?.into_parts();
        sink.begin(&head);
        let mut reader = body.into_reader();
        let mut buffer = [0; 8 * 1024];
        loop {
            let read = reader.read(&mut buffer).map_err(convert::broken)?;
            if read == 0 {
                break;
            }
            let flow = sink.chunk(&buffer[..read]);
            if flow.map_err(TransportError::from_sink)?.is_break() {
                break;
            }
        }
        let kept = sink.finish().map_err(TransportError::from_sink)?;
        Ok(Response::from_parts(head, kept))
    }
}

/// A client on an agent of one's own, with its connections, proxy, TLS and timeouts. Redirects and
/// errors for statuses are turned off for each request; an [`AddressRule`] is up to its resolver.
impl From<Agent> for Client {
    fn from(agent: Agent) -> Self {
        Self::from_parts(agent, None, AddressRule::Any)
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("rule", &self.rule)
            .finish_non_exhaustive()
    }
}

fn now() -> Moment {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    Moment {
        wall: SystemTime::now(),
        mono: START.elapsed(),
    }
}
