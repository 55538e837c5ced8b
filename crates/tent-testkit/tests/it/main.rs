//! The testkit, and the shape of the workspace.

#[cfg(feature = "cassette")]
#[expect(clippy::unwrap_used, reason = "these are tests")]
mod cassette;
mod dependencies;
mod documents;
mod workspace;
