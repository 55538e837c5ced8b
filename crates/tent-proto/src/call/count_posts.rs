//! `HEAD /posts`

use super::ListPosts;
use super::count::Count;

/// `HEAD /posts`: counts the posts of a list. Since v0.2.
///
/// With the scope `read_posts` the reference server counts the person's own posts only, although its
/// list has those of others too.
///
/// Source: tent.io 0.2, app-server; `docs/protocol.md` §6.0.2.
pub type CountPosts = Count<ListPosts>;
