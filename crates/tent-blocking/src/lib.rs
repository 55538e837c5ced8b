//! Runs flows on `ureq`.
