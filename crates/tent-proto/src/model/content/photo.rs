//! Photos.

use crate::PostId;
use crate::model::Content;
use crate::model::object::object;

object! {
    /// The content of a photo. The picture itself is an attachment of the post.
    ///
    /// Source: tent.io 0.2, post-types; `docs/protocol.md` §7.11.3.
    pub struct Photo {
        /// What it shows.
        pub caption: Option<String> = "caption",
        /// The albums that it is in.
        pub albums: Vec<PostId> = "albums",
        /// Words to find it by.
        pub tags: Vec<String> = "tags",
        /// What the camera says of it, as it came.
        pub exif: Option<Content> = "exif",
    }
}
