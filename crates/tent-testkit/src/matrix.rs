//! What a session makes of each fault: a table of faults and policies, played in a simulation and on
//! real sockets under any driver (`Sockets`, with the feature `contract`).
//!
//! A case says what its servers do, once and always, and what comes of a `GET` and a `POST`, with every
//! policy off and as they are by default. `docs/policy.md` shows the table. A driver's tests say:
//!
//! ```
//! use tent_testkit::matrix::Simulation;
//!
//! tent_testkit::fault_matrix!(Simulation); // or Sockets<D>, for a driver D of the contract suite
//! # fn main() {}
//! ```
//!
//! Nothing waits for real, but for an answer that does not come.

mod ground;
mod simulation;
#[cfg(feature = "contract")]
mod sockets;
mod table;
mod world;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tent_flow::Seed;
use tent_proto::mac::{Algorithm, Credentials};
use tent_proto::{CallError, Entity, FindPost, Policy, Post, Session};

pub use self::ground::Ground;
pub use self::simulation::Simulation;
#[cfg(feature = "contract")]
pub use self::sockets::Sockets;
pub use self::table::CASES;
pub use self::world::World;
use crate::faults::Fault;

/// A fault, or several, and what comes of them.
#[derive(Debug)]
#[non_exhaustive]
pub struct Case {
    /// The name of its tests' module.
    pub name: &'static str,
    /// What happens, in words.
    pub what: &'static str,
    /// What each server does, most preferred first.
    pub servers: fn() -> Vec<Fault>,
    /// How many seconds the client's clock is ahead.
    pub ahead: i64,
    /// Whether the entity has moved: its profile names the last server, of which the client does not know.
    /// Otherwise its page leads nowhere. What is asked there is not counted.
    pub moves: bool,
    /// For each [`Cell`] what comes of it when it happens once, and when it does not end: what the
    /// caller gets, how many requests were sent, and of a post that the caller does not know of whether
    /// it was published all the same.
    pub expected: [[&'static str; 2]; 4],
}

impl Case {
    const fn new(
        name: &'static str,
        what: &'static str,
        servers: fn() -> Vec<Fault>,
        expected: [[&'static str; 2]; 4],
    ) -> Self {
        Self {
            name,
            what,
            servers,
            ahead: 0,
            moves: false,
            expected,
        }
    }

    const fn with_clock_ahead(self, ahead: i64) -> Self {
        Self { ahead, ..self }
    }

    const fn moving(self) -> Self {
        Self {
            moves: true,
            ..self
        }
    }
}

/// A call and a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "two calls by two policies")]
pub enum Cell {
    /// A list of posts, with every policy off.
    GetOff,
    /// A list of posts, with the default policies.
    GetDefault,
    /// A new post, with every policy off.
    PostOff,
    /// A new post, with the default policies.
    PostDefault,
}

impl Cell {
    fn policy(self) -> Policy {
        match self {
            Self::GetOff | Self::PostOff => Policy::off(),
            Self::GetDefault | Self::PostDefault => Policy::default(),
        }
    }
}

/// Plays one cell of a case, once and always.
///
/// # Panics
///
/// When something else comes of it than the table says.
#[track_caller]
pub fn check<G: Ground>(name: &str, cell: Cell) {
    let case = CASES.iter().find(|case| case.name == name).unwrap();
    let outcomes = [1, usize::MAX].map(|times| play::<G>(case, times, cell));
    let expected = case.expected[cell as usize];
    let agrees = |(outcome, expected): (&String, &str)| match expected.strip_suffix('*') {
        Some(word) => outcome.starts_with(word),
        None => outcome == expected,
    };
    assert!(
        outcomes.iter().zip(expected).all(agrees),
        "{name} {cell:?} comes to {outcomes:?}, not {expected:?}"
    );
}

/// What happens to requests, and how many there were.
#[derive(Debug)]
pub struct Schedule {
    faults: Vec<Fault>,
    times: usize,
    sent: Vec<usize>,
    current: Vec<Fault>,
    is_over: bool,
}

impl Schedule {
    fn new(faults: Vec<Fault>, times: usize) -> Self {
        Self {
            sent: vec![0; faults.len()],
            current: faults.clone(),
            faults,
            times,
            is_over: false,
        }
    }

    /// A server is asked: what will happen.
    fn next(&mut self, server: usize) -> Fault {
        let is_struck = self.sent[server] < self.times && !self.is_over;
        self.sent[server] += 1;
        assert!(self.sent[server] < MOST_REQUESTS, "it asks for ever");
        self.current[server] = match is_struck {
            true => self.faults[server].clone(),
            false => Fault::None,
        };
        self.current[server].clone()
    }

    /// What happens to the request that is under way.
    #[cfg(feature = "contract")]
    fn current(&self, server: usize) -> Fault {
        self.current[server].clone()
    }
}

/// How often a call asks one server, at most, whatever happens.
const MOST_REQUESTS: usize = 1000;

/// How long an answer is waited for that does not come. Any other comes sooner, on a busy machine too.
const TIMEOUT: Duration = Duration::from_millis(500);

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

fn play<G: Ground>(case: &Case, times: usize, cell: Cell) -> String {
    let schedule = Arc::new(Mutex::new(Schedule::new((case.servers)(), times)));
    let world = Arc::new(Mutex::new(World::default()));
    let mut ground = G::build(&schedule, &world, case.ahead);
    if case.moves {
        let moved = ground.servers().pop().unwrap();
        lock(&world).found_at(&ground.entity(), &moved);
    }
    let session = session(&ground, case).with_policy(cell.policy());
    match cell {
        Cell::GetOff | Cell::GetDefault => {
            let result = ground.run(session.list_posts(Default::default()));
            let sent = lock(&schedule).sent.iter().sum::<usize>();
            lock(&world).check();
            format!("{} {sent}", word(&result))
        }
        Cell::PostOff | Cell::PostDefault => {
            let result = ground.run(session.create_post(&Post::status("Hello")));
            let sent = lock(&schedule).sent.iter().sum::<usize>();
            let word = word(&result);
            let published = lock(&world).published();
            assert!(result.is_err() || published == 1, "it was acknowledged");
            lock(&schedule).is_over = true;
            let late = ground.deliver();
            if let Err(CallError::OutcomeUnknown { search, .. }) = result {
                let found = find(&mut ground, *search.unwrap());
                assert_eq!(found, published + late == 1, "whether it is found");
            }
            lock(&world).check();
            let fate = match (word.as_str(), published, late) {
                ("ok", 1, 0) | (_, 0, 0) => "",
                (_, 1, 0) => ", published",
                (_, 0, 1) => ", published late",
                other => panic!("{other:?} is too often"),
            };
            format!("{word} {sent}{fate}")
        }
    }
}

fn session<G: Ground>(ground: &G, case: &Case) -> Session {
    let entity: Entity = ground.entity().parse().unwrap();
    let mut servers = ground.servers();
    servers.truncate(servers.len() - usize::from(case.moves));
    let servers = servers.iter().map(|root| root.parse().unwrap()).collect();
    let credentials = Credentials::new("u:1", "k", Algorithm::HmacSha256).unwrap();
    Session::new(entity, servers, credentials, Seed::new([7; 32]))
}

fn find<G: Ground>(ground: &mut G, search: FindPost) -> bool {
    let found = ground.run(search);
    found.unwrap().is_some()
}

fn word<T>(result: &Result<T, CallError>) -> String {
    let word = match result {
        Ok(_) => "ok",
        Err(CallError::NoAnswer { .. }) => "no answer",
        Err(CallError::OutcomeUnknown { .. }) => "unknown",
        Err(CallError::RateLimited { .. }) => "limited",
        Err(CallError::Decode { .. }) => "not read",
        Err(error) => match error.status() {
            Some(status) => return status.as_str().to_owned(),
            None => panic!("{error:?}"),
        },
    };
    word.to_owned()
}
