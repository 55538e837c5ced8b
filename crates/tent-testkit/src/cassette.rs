//! Cassettes: what a flow said and heard, recorded once, without its secrets, and replayed in tests.
//!
//! [`Cassette::record`] wraps any flow; a client runs it as ever, and the cassette keeps each request
//! with its answer, or how it failed. [`Cassette::replay`] wraps the same flow in a test, where it hears
//! what was recorded: under either client, or under [`Cassette::play`] without any. Nothing is sent
//! then, waits take no time, and the clock is that of the recording.
//!
//! ```
//! use tent_testkit::cassette::Cassette;
//! # use tent_flow::script::{Answer, Script};
//! # use tent_proto::{mac::{Algorithm, Credentials}, Post, Session};
//! # let credentials = Credentials::new("u:1", "0f1e2d3c", Algorithm::HmacSha256)?;
//! # let servers = vec!["https://tent.alice.example".parse()?];
//! # let seed = tent_flow::Seed::new([7; 32]);
//! # let session = Session::new("https://alice.example".parse()?, servers, credentials, seed);
//! # let mut client = Script::new().on("POST", "https://tent.alice.example/posts",
//! #     Answer::json(r#"{"id":"p0Lk3"}"#));
//!
//! // Once, against a real server.
//! let cassette = Cassette::new();
//! client.run(cassette.record(session.create_post(&Post::status("Hello"))))?;
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("create_post.json");
//! cassette.save(&path)?;
//!
//! // From then on, in a test.
//! let cassette = Cassette::load(&path)?;
//! let post = cassette.play(session.create_post(&Post::status("Hello")))?;
//! assert_eq!(post.id.unwrap().as_str(), "p0Lk3");
//! cassette.finish();
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The file
//!
//! is JSON, one object a cassette, made to be read and to be kept under version control. `at` is the
//! time by the client's clock in epoch seconds; a body is shown as `json`, `text` or `base64`; an
//! exchange without an answer has a `failure` in its place.
//!
//! ```
//! # use tent_testkit::cassette::Cassette;
//! let cassette: Cassette = r#"{
//!   "cassette": 1,
//!   "exchanges": [
//!     {
//!       "at": 1356998400,
//!       "request": {
//!         "method": "GET",
//!         "url": "https://tent.alice.example/posts?limit=1",
//!         "headers": { "accept": "application/vnd.tent.v0+json", "authorization": "MAC masked" }
//!       },
//!       "answer": {
//!         "status": 200,
//!         "headers": { "content-type": "application/vnd.tent.v0+json" },
//!         "body": { "json": [ { "id": "p0Lk3" } ] }
//!       }
//!     },
//!     {
//!       "at": 1356998403,
//!       "request": { "method": "GET", "url": "https://tent.alice.example/profile" },
//!       "failure": { "kind": "timeout", "delivery": "possible" }
//!     }
//!   ]
//! }"#.parse()?;
//! assert_eq!(cassette.exchanges().len(), 2);
//! # Ok::<(), tent_testkit::cassette::CassetteError>(())
//! ```
//!
//! # What is compared
//!
//! A request is the recorded one when method, URL, body and header fields are the same. What changes
//! from one run to the next is left out: the values of `Authorization` (but not whether it is there),
//! `Date`, `User-Agent`, the boundary of a form, and whatever a [`Mask`] masks. JSON is compared as
//! JSON. A flow that asks for something else panics, and says where it differs.

mod body;
mod difference;
mod exchange;
mod json;
mod mask;
mod record;
mod replay;

use std::path::Path;
use std::str::FromStr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::{fmt, fs, io};

use serde::{Deserialize, Serialize};
use tent_flow::script::{Clock, run};
use tent_flow::{Flow, Series};

pub use self::body::RecordedBody;
pub use self::exchange::{Exchange, RecordedAnswer, RecordedFailure, RecordedRequest};
pub use self::json::Json;
pub use self::mask::Mask;
pub use self::record::{Recording, RecordingSeries};
pub use self::replay::{Replaying, ReplayingSeries};

/// What flows said and heard. Clones share it, so that several flows can be recorded on one cassette,
/// or replayed from it, at once.
#[derive(Debug, Clone, Default)]
pub struct Cassette {
    tape: Arc<Mutex<Tape>>,
    mask: Mask,
}

#[derive(Debug, Default)]
struct Tape {
    exchanges: Vec<Exchange>,
    /// Which of them were replayed.
    played: Vec<bool>,
    secrets: mask::Secrets,
}

#[derive(Serialize, Deserialize)]
struct File {
    /// The version of the format.
    cassette: u32,
    exchanges: Vec<Exchange>,
}

/// Why a cassette could not be loaded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CassetteError {
    /// The file could not be read.
    #[error("the cassette could not be read")]
    Read(#[from] io::Error),
    /// It is not JSON of this form.
    #[error("this is no cassette")]
    Malformed(#[from] serde_json::Error),
    /// It was written by a later version of this crate.
    #[error("the cassette is of version {0}, and only version 1 is known")]
    Version(u32),
}

impl Cassette {
    /// An empty cassette, which masks what is usually secret.
    pub fn new() -> Self {
        Self::default()
    }

    /// Says what is masked. It counts for what is recorded, and for what is compared.
    #[must_use]
    pub fn with_mask(mut self, mask: Mask) -> Self {
        self.mask = mask;
        self
    }

    /// Loads a cassette from a file.
    ///
    /// # Errors
    ///
    /// When there is no such file, or it holds something else.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, CassetteError> {
        fs::read_to_string(path)?.parse()
    }

    /// Saves it to a file.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> io::Result<()> {
        fs::write(path, self.to_string())
    }

    /// What it holds.
    pub fn exchanges(&self) -> Vec<Exchange> {
        self.tape().exchanges.clone()
    }

    /// A flow that does what it does, and is recorded. Whole bodies are held in memory.
    pub fn record<F: Flow>(&self, flow: F) -> Recording<F> {
        Recording::new(flow, self.clone())
    }

    /// A list whose pages are recorded, for a client's `items`.
    pub fn record_series<S: Series>(&self, series: S) -> RecordingSeries<S> {
        RecordingSeries::new(series, self.clone())
    }

    /// A flow that hears what was recorded, under any client, or none: see [`play`](Self::play).
    pub fn replay<F: Flow>(&self, flow: F) -> Replaying<F> {
        Replaying::new(flow, self.clone())
    }

    /// A list whose pages are as they were recorded.
    pub fn replay_series<S: Series>(&self, series: S) -> ReplayingSeries<S> {
        ReplayingSeries::new(series, self.clone())
    }

    /// Replays a flow to its end, without a client.
    ///
    /// # Panics
    ///
    /// When the flow asks for something that was not recorded, or was replayed already.
    pub fn play<F: Flow>(&self, flow: F) -> F::Output {
        let mut clock = Clock::at_epoch_seconds(0); // the flow sees that of the recording
        run(self.replay(flow), &mut clock, |asked| {
            unreachable!("{} was not replayed", asked.url)
        })
    }

    /// Ends a replay.
    ///
    /// # Panics
    ///
    /// When an exchange was not replayed.
    pub fn finish(self) {
        let tape = self.tape();
        let mut left = tape.exchanges.iter().zip(&tape.played);
        if let Some((exchange, _)) = left.find(|(_, played)| !**played) {
            panic!(
                "this was recorded, and nobody asked for it: {}",
                exchange.request
            );
        }
    }

    fn tape(&self) -> MutexGuard<'_, Tape> {
        self.tape.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl FromStr for Cassette {
    type Err = CassetteError;

    fn from_str(text: &str) -> Result<Self, CassetteError> {
        let File {
            cassette,
            exchanges,
        } = serde_json::from_str(text)?;
        if cassette != 1 {
            return Err(CassetteError::Version(cassette));
        }
        let tape = Tape {
            played: vec![false; exchanges.len()],
            exchanges,
            ..Tape::default()
        };
        Ok(Self {
            tape: Arc::new(Mutex::new(tape)),
            mask: Mask::default(),
        })
    }
}

/// The file, as [`save`](Cassette::save) writes it.
impl fmt::Display for Cassette {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tape = self.tape();
        let exchanges = tape.exchanges.iter();
        let file = File {
            cassette: 1,
            exchanges: exchanges
                .map(|exchange| tape.secrets.scrub(exchange))
                .collect(),
        };
        let text = serde_json::to_string_pretty(&file).map_err(|_| fmt::Error)?;
        writeln!(f, "{text}")
    }
}
