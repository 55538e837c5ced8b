//! `HEAD /groups`

use super::ListGroups;
use super::count::Count;

/// `HEAD /groups`: counts the groups of the person. Since v0.2.
///
/// The reference server counts no further than the limit of a page.
///
/// Source: tent.io 0.2, app-server; `docs/protocol.md` §6.0.2.
pub type CountGroups = Count<ListGroups>;
