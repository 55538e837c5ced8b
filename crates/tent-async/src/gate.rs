//! A bound on what is in flight.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::mem;
use std::num::NonZero;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;
use url::{Origin, Url};

/// Lets so many requests through at once, and so many to each server. Others wait: servers take turns,
/// and so do the lines at each server.
///
/// What waits is a future that somebody holds. When it is dropped, nothing is left of it.
#[derive(Debug)]
pub(crate) struct Gate {
    overall: usize,
    per_server: usize,
    state: Mutex<State>,
}

/// Those who wait for each other's sake, not for others'.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Line(u64);

#[derive(Debug, Default)]
struct State {
    in_flight: usize,
    servers: HashMap<Origin, Server>,
    /// Servers with room for which somebody waits, in the order of their turns.
    ready: VecDeque<Origin>,
    lines: u64,
    tickets: u64,
}

#[derive(Debug, Default)]
struct Server {
    in_flight: usize,
    is_ready: bool,
    lines: HashMap<Line, BTreeMap<u64, oneshot::Sender<()>>>,
    /// The lines in the order of their turns.
    turns: VecDeque<Line>,
}

/// A request that is in flight until this is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    gate: Arc<Gate>,
    origin: Origin,
}

/// Somebody who waits, or was let through and does not know yet.
struct Waiting<'a> {
    gate: &'a Gate,
    origin: &'a Origin,
    line: Line,
    ticket: u64,
}

impl Gate {
    pub(crate) fn new(overall: NonZero<usize>, per_server: NonZero<usize>) -> Self {
        Self {
            overall: overall.get(),
            per_server: per_server.get(),
            state: Mutex::default(),
        }
    }

    pub(crate) fn line(&self) -> Line {
        let mut state = self.state();
        state.lines += 1;
        Line(state.lines)
    }

    /// Waits for a place.
    pub(crate) async fn enter(self: &Arc<Self>, url: &Url, line: Line) -> Place {
        let origin = url.origin();
        let (sender, granted) = oneshot::channel();
        let ticket = self.wait(&origin, line, sender);
        let waiting = Waiting {
            gate: self,
            origin: &origin,
            line,
            ticket,
        };
        let _ = granted.await; // the sender stays until it is used
        mem::forget(waiting); // from now on the place stands for it
        Place {
            gate: Arc::clone(self),
            origin,
        }
    }

    fn wait(&self, origin: &Origin, line: Line, sender: oneshot::Sender<()>) -> u64 {
        let mut state = self.state();
        let ticket = state.tickets;
        state.tickets += 1;
        let server = state.servers.entry(origin.clone()).or_default();
        server.wait(line, ticket, sender);
        self.admit(&mut state, origin);
        ticket
    }

    /// Lets through who may go, now that something changed at a server.
    fn admit(&self, state: &mut State, changed: &Origin) {
        self.queue(state, changed.clone());
        while state.in_flight < self.overall
            && let Some(origin) = state.ready.pop_front()
        {
            let Some(server) = state.servers.get_mut(&origin) else {
                continue;
            };
            server.is_ready = false;
            if let Some(sender) = server.next() {
                server.in_flight += 1;
                state.in_flight += 1;
                // Whoever does not wait any more gives the place back.
                let _ = sender.send(());
            }
            self.queue(state, origin);
        }
    }

    /// Gives a server a turn if it has room and somebody waits, and forgets it if nobody is there.
    fn queue(&self, state: &mut State, origin: Origin) {
        let Some(server) = state.servers.get_mut(&origin) else {
            return;
        };
        if server.lines.is_empty() {
            if server.in_flight == 0 {
                state.servers.remove(&origin);
            }
        } else if server.in_flight < self.per_server && !server.is_ready {
            server.is_ready = true;
            state.ready.push_back(origin);
        }
    }

    fn leave(&self, origin: &Origin) {
        let mut state = self.state();
        state.in_flight -= 1;
        if let Some(server) = state.servers.get_mut(origin) {
            server.in_flight -= 1;
        }
        self.admit(&mut state, origin);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing under the lock can panic halfway.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Server {
    fn wait(&mut self, line: Line, ticket: u64, sender: oneshot::Sender<()>) {
        let waiting = self.lines.entry(line).or_insert_with(|| {
            self.turns.push_back(line);
            BTreeMap::new()
        });
        waiting.insert(ticket, sender);
    }

    /// Takes the first one of the line whose turn it is.
    fn next(&mut self) -> Option<oneshot::Sender<()>> {
        let line = self.turns.pop_front()?;
        let waiting = self.lines.get_mut(&line)?;
        let (_, sender) = waiting.pop_first()?;
        if waiting.is_empty() {
            self.lines.remove(&line);
        } else {
            self.turns.push_back(line);
        }
        Some(sender)
    }

    /// Takes one out, and says whether they still waited.
    fn remove(&mut self, line: Line, ticket: u64) -> bool {
        let Some(waiting) = self.lines.get_mut(&line) else {
            return false;
        };
        let waited = waiting.remove(&ticket).is_some();
        if waiting.is_empty() {
            self.lines.remove(&line);
            self.turns.retain(|other| *other != line);
        }
        waited
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let mut state = self.gate.state();
        let server = state.servers.get_mut(self.origin);
        let waited = server.is_some_and(|server| server.remove(self.line, self.ticket));
        if waited {
            self.gate.admit(&mut state, self.origin); // it may be the last one there
        } else {
            drop(state);
            self.gate.leave(self.origin);
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.gate.leave(&self.origin);
    }
}
