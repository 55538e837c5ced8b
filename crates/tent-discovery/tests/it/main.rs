//! What the crate does, seen from outside.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod discover;
mod failures;
mod html_link;
mod link_header;
mod redirects;
mod target_field;
