//! `HEAD /followers`

use super::ListFollowers;
use super::count::Count;

/// `HEAD /followers`: counts those who follow the person. Since v0.2.
///
/// Source: tent.io 0.2, app-server; `docs/protocol.md` §6.0.2.
pub type CountFollowers = Count<ListFollowers>;
