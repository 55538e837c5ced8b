//! The testkit, and the shape of the workspace.

#[cfg(feature = "cassette")]
mod cassette;
mod dependencies;
mod documents;
mod workspace;
