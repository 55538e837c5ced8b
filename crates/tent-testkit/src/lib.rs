//! Faults, cassettes and the contract suite every driver passes.

#[cfg(feature = "bench")]
pub mod bench;
#[cfg(feature = "contract")]
#[expect(clippy::unwrap_used, reason = "these are tests")]
pub mod contract;
