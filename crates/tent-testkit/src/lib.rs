//! What tests share: faults to put under code that talks to servers, cassettes that record and replay
//! what they said, the contract suite every driver passes, and tables of ratios.
//!
//! | feature | module | what |
//! | --- | --- | --- |
//! | `cassette` | `cassette` | records what a flow says and hears, secrets masked, and replays it |
//! | `faults` | `faults` | resets, late answers, bursts of `503`: under any flow, or between two sockets |
//! | `contract` | `contract` | the suite: what a driver must do on real sockets, clause by clause |
//! | `matrix` | `matrix` | what a session makes of each fault, in a simulation and on real sockets |
//! | `bench` | `bench` | benches that print what our code costs beside an anchor |
//! | `postgres` | `postgres` | a PostgreSQL of the tests' own |
//! | `bench`, `contract` | `transfer` | a peer for large bodies, and the memory they take |
//!
//! [`SkipWaits`] and [`say`] are always there. The crate's own tests keep the workspace in shape: which crate may
//! depend on which, what a crate without I/O must not use, and that documents name what there is.

#[cfg(feature = "bench")]
pub mod bench;
#[cfg(feature = "cassette")]
pub mod cassette;
#[cfg(feature = "contract")]
#[expect(clippy::unwrap_used, reason = "these are tests")]
pub mod contract;
#[cfg(feature = "faults")]
pub mod faults;
#[cfg(feature = "matrix")]
#[expect(clippy::unwrap_used, reason = "these are tests")]
pub mod matrix;
#[cfg(feature = "postgres")]
pub mod postgres;
#[cfg(any(feature = "bench", feature = "contract"))]
pub mod transfer;

mod notice;
mod skip_waits;

pub use self::notice::say;
pub use self::skip_waits::SkipWaits;
