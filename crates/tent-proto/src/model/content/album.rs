//! Albums.

use crate::PostId;
use crate::model::object::object;

object! {
    /// The content of an album: photos in order.
    ///
    /// Source: tent.io 0.2, post-types; `docs/protocol.md` §7.11.4.
    pub struct Album {
        /// The title.
        pub title: Option<String> = "title",
        /// What it is about.
        pub description: Option<String> = "description",
        /// The posts of its photos. Every album has some.
        pub photos: Vec<PostId> = "photos",
        /// The post of the photo that stands for it.
        pub cover: Option<PostId> = "cover",
    }
}
