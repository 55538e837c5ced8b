//! The protocol core against vectors and a scripted peer.

#![allow(clippy::unwrap_used)] // a test may

mod exchange;
mod lossless;
mod mac;
mod posts;
