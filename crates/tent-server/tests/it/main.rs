//! What the server does, asked as clients ask it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod approval;
mod apps;
mod database;
mod discovery;
mod exchange;
mod feed;
mod log;
mod mac;
mod posts;
mod profile;
mod serving;
mod world;
