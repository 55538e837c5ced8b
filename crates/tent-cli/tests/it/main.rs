//! The program, run as people and scripts run it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod attachments;
mod demo;
mod discover;
mod disk;
mod edits;
mod import;
mod login;
mod mac;
mod patience;
mod peer;
mod people;
mod posts;
mod profile;
mod reference;
mod serve;
mod server;
mod tent;
mod thread;
mod usage;
