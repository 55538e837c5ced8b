//! Faults, cassettes and the contract suite every driver passes.

#[cfg(feature = "bench")]
pub mod bench;
