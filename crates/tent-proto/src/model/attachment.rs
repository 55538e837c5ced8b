//! Attachments, as a post describes them.

use super::object::object;

object! {
    /// A file that belongs to a post. Name and type together identify it within the post.
    ///
    /// Source: tent.io 0.2, post-types; `docs/protocol.md` §7.5.
    pub struct Attachment {
        /// What it is to the post, such as `photos`.
        pub category: Option<String> = "category",
        /// Its media type, without parameters.
        pub media_type: Option<String> = "type",
        /// Its file name. Not to be trusted as a path.
        pub name: Option<String> = "name",
        /// Its size in bytes.
        pub size: Option<u64> = "size",
    }
}
