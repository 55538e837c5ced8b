//! Essays.

use crate::model::object::object;

object! {
    /// The content of an essay: a long text.
    ///
    /// Excerpt and body are HTML of somebody else's: clean them before they are shown.
    ///
    /// Source: tent.io 0.2, post-types; `docs/protocol.md` §7.11.2.
    pub struct Essay {
        /// The title.
        pub title: Option<String> = "title",
        /// What it is about, in HTML.
        pub excerpt: Option<String> = "excerpt",
        /// The text, in HTML. Every essay has one.
        pub body: Option<String> = "body",
        /// Words to find it by.
        pub tags: Vec<String> = "tags",
    }
}
