//! Faults, cassettes and the contract suite every driver passes.
