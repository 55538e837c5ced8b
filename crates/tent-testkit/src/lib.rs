//! What tests and benches share: the contract suite every driver passes, and tables of ratios.
//!
//! | feature | module | what |
//! | --- | --- | --- |
//! | `contract` | `contract` | the suite: what a driver must do on real sockets, clause by clause |
//! | `bench` | `bench` | benches that print what our code costs beside an anchor |
//!
//! Faults and cassettes for programs under test will live here too; there are none yet.

#[cfg(feature = "bench")]
pub mod bench;
#[cfg(feature = "contract")]
#[expect(clippy::unwrap_used, reason = "these are tests")]
pub mod contract;
