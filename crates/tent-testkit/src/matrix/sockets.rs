//! Real sockets, under a driver.

use std::fmt;
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use tent_flow::{Effect, Flow, Input, Moment, Step};
use url::Url;

use super::world::NOW;
use super::{Ground, Schedule, TIMEOUT, World, lock};
use crate::SkipWaits;
use crate::contract::{Driver, Settings};
use crate::faults::{Fault, Faults, Peer};

/// Servers on loopback, each with a port of its own, under a driver.
pub struct Sockets<D> {
    driver: D,
    home: Peer,
    peers: Vec<Peer>,
    schedule: Arc<Mutex<Schedule>>,
    ahead: i64,
    nobody: u16,
}

impl<D: Driver> Ground for Sockets<D> {
    fn build(schedule: &Arc<Mutex<Schedule>>, world: &Arc<Mutex<World>>, ahead: i64) -> Self {
        let start = |server: usize| {
            let (schedule, world) = (Arc::clone(schedule), Arc::clone(world));
            let faults = Faults::choose(move |_, _| lock(&schedule).current(server));
            Peer::start(&faults, move |request| lock(&world).answer(&request)).unwrap()
        };
        let of_home = Arc::clone(world);
        let page = move |request| lock(&of_home).answer_at_home(&request);
        let settings = Settings {
            read_timeout: Some(TIMEOUT),
            ..Settings::default()
        };
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let servers = lock(schedule).faults.len();
        Self {
            driver: D::with(&settings),
            home: Peer::start(&Faults::none(), page).unwrap(),
            peers: (0..servers).map(start).collect(),
            schedule: Arc::clone(schedule),
            ahead,
            nobody: listener.local_addr().unwrap().port(),
        }
    }

    fn entity(&self) -> String {
        self.home.url().as_str().trim_end_matches('/').to_owned()
    }

    fn servers(&self) -> Vec<String> {
        let urls = self.peers.iter().map(Peer::url);
        urls.map(|url| url.as_str().trim_end_matches('/').to_owned())
            .collect()
    }

    fn run<F: Flow>(&mut self, flow: F) -> F::Output {
        let ports = self.peers.iter().map(|peer| peer.address().port());
        let counted = Counted {
            flow: Faults::none().with_clock_ahead(self.ahead).under(flow),
            schedule: Arc::clone(&self.schedule),
            ports: ports.collect(),
            nobody: self.nobody,
        };
        let now = Moment::at_epoch_seconds(NOW);
        self.driver.run(SkipWaits::from(now, counted))
    }

    fn deliver(&mut self) -> usize {
        self.peers.iter().map(Peer::deliver).sum()
    }
}

/// Counts requests, and sends those that are to be refused where nobody listens.
struct Counted<F> {
    flow: F,
    schedule: Arc<Mutex<Schedule>>,
    ports: Vec<u16>,
    nobody: u16,
}

impl<F: Flow> Counted<F> {
    fn is_refused(&self, url: &Url) -> bool {
        let server = self.ports.iter().position(|port| url.port() == Some(*port));
        let fault = server.map(|server| lock(&self.schedule).next(server));
        matches!(fault, Some(Fault::Refused))
    }
}

impl<F: Flow> Flow for Counted<F> {
    type Output = F::Output;

    fn step(&mut self, now: Moment, input: Input) -> Step<F::Output> {
        match self.flow.step(now, input) {
            Step::Do(Effect::Send(mut request, sink)) => {
                if self.is_refused(&request.url) {
                    request.url.set_port(Some(self.nobody)).unwrap();
                }
                Step::Do(Effect::Send(request, sink))
            }
            step => step,
        }
    }
}

impl<D> fmt::Debug for Sockets<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sockets").finish_non_exhaustive()
    }
}
