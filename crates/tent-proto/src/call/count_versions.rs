//! `HEAD /posts/:id/versions`

use super::ListVersions;
use super::count::Count;

/// `HEAD /posts/:id/versions`: counts the versions of a post. Since v0.2.
///
/// Source: tent.io 0.2, app-server; `docs/protocol.md` §6.0.2.
pub type CountVersions = Count<ListVersions>;
