//! `HEAD /followings`

use super::ListFollowings;
use super::count::Count;

/// `HEAD /followings`: counts those whom the person follows. Since v0.2.
///
/// Source: tent.io 0.2, app-server; `docs/protocol.md` §6.0.2.
pub type CountFollowings = Count<ListFollowings>;
