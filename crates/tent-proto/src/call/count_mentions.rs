//! `HEAD /posts/:id/mentions`

use super::ListMentions;
use super::count::Count;

/// `HEAD /posts/:id/mentions`: counts the public posts that mention a post. Since v0.2.
///
/// Source: tent.io 0.2, app-server; `docs/protocol.md` §6.0.2.
pub type CountMentions = Count<ListMentions>;
