//! What the crate does, seen from outside.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod link_header;
