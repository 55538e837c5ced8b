//! The program, run as people and scripts run it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod demo;
mod discover;
mod disk;
mod login;
mod mac;
mod peer;
mod posts;
mod reference;
mod serve;
mod server;
mod tent;
mod usage;
