//! No sockets, and a fake clock.

use std::fmt;
use std::sync::{Arc, Mutex};

use tent_flow::Flow;
use tent_flow::script::{Clock, Seen, run};

use super::world::NOW;
use super::{Ground, Schedule, TIMEOUT, World, lock};
use crate::faults::{Fault, Faults};

/// No sockets, and a fake clock.
pub struct Simulation {
    faults: Faults,
    clock: Clock,
    world: Arc<Mutex<World>>,
    servers: usize,
}

/// The port of the entity's own page, and of servers those that follow.
const FIRST_PORT: u16 = 7000;

impl Ground for Simulation {
    fn build(schedule: &Arc<Mutex<Schedule>>, world: &Arc<Mutex<World>>, ahead: i64) -> Self {
        let servers = lock(schedule).faults.len();
        let schedule = Arc::clone(schedule);
        let faults = Faults::choose(move |_, url| match url.port() {
            Some(port) if port > FIRST_PORT => {
                lock(&schedule).next(usize::from(port - FIRST_PORT - 1))
            }
            _ => Fault::None,
        });
        Self {
            faults: faults.with_clock_ahead(ahead).with_timeout(TIMEOUT),
            clock: Clock::at_epoch_seconds(NOW),
            world: Arc::clone(world),
            servers,
        }
    }

    fn entity(&self) -> String {
        format!("http://127.0.0.1:{FIRST_PORT}")
    }

    fn servers(&self) -> Vec<String> {
        let ports = (FIRST_PORT + 1..).take(self.servers);
        ports
            .map(|port| format!("http://127.0.0.1:{port}"))
            .collect()
    }

    fn run<F: Flow>(&mut self, flow: F) -> F::Output {
        let world = &self.world;
        run(self.faults.under(flow), &mut self.clock, |seen| {
            let request = arrived(seen);
            let answer = match seen.url.port() {
                Some(FIRST_PORT) => lock(world).answer_at_home(&request),
                _ => lock(world).answer(&request),
            };
            answer.map(Vec::from).into()
        })
    }

    fn deliver(&mut self) -> usize {
        let world = &self.world;
        run(self.faults.deliver(), &mut self.clock, |seen| {
            lock(world).answer(&arrived(seen)).map(Vec::from).into()
        })
    }
}

fn arrived(seen: &Seen) -> http::Request<bytes::Bytes> {
    let mut request = http::Request::new(seen.body.clone());
    *request.method_mut() = seen.method.clone();
    *request.uri_mut() = seen.url.as_str().parse().unwrap();
    *request.headers_mut() = seen.headers.clone();
    request
}

impl fmt::Debug for Simulation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Simulation").finish_non_exhaustive()
    }
}
