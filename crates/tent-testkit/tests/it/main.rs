//! The testkit, and the shape of the workspace.

mod dependencies;
mod documents;
mod workspace;
