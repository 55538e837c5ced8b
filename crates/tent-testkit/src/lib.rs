//! What tests and benches share: the contract suite every driver passes, and tables of ratios.
//!
//! | feature | module | what |
//! | --- | --- | --- |
//! | `contract` | `contract` | the suite: what a driver must do on real sockets, clause by clause |
//! | `bench` | `bench` | benches that print what our code costs beside an anchor |
//! | either | `transfer` | a peer for large bodies, and the memory they take |
//!
//! Without a feature it is empty. The crate's own tests keep the workspace in shape: which crate may
//! depend on which, what a crate without I/O must not use, and that documents name what there is.

#[cfg(feature = "bench")]
pub mod bench;
#[cfg(feature = "contract")]
#[expect(clippy::unwrap_used, reason = "these are tests")]
pub mod contract;
#[cfg(any(feature = "bench", feature = "contract"))]
pub mod transfer;
