//! Runs flows on `reqwest`.
