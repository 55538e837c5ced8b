//! Photos.

use crate::model::object::object;
use crate::model::{Content, Post};
use crate::{PostId, TypeUri};

object! {
    /// The content of a photo. The picture itself is an attachment of the post.
    ///
    /// ```
    /// # use tent_flow::Seed;
    /// # let seed = Seed::new([7; 32]);
    /// use tent_proto::call::CreatePost;
    /// use tent_proto::model::Photo;
    /// use tent_proto::{Post, Upload};
    ///
    /// let post = Post::from(Photo::new("Harbour at dusk").tag("sea")).public();
    /// let picture = Upload::bytes("photos", "dusk.jpg", vec![0xff, 0xd8, 0xff]);
    /// let call = CreatePost::new(&post).attaching([picture], seed);
    /// ```
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

impl Photo {
    /// A photo of which this says what it shows.
    pub fn new(caption: impl Into<String>) -> Self {
        Self {
            caption: Some(caption.into()),
            ..Self::default()
        }
    }

    /// Puts it into an album.
    #[must_use]
    pub fn album(mut self, album: impl Into<PostId>) -> Self {
        self.albums.push(album.into());
        self
    }

    /// Adds a word to find it by.
    #[must_use]
    pub fn tag(mut self, tag: impl Into<String>) -> Self {
        self.tags.push(tag.into());
        self
    }

    /// Tells what the camera says of it.
    #[must_use]
    pub fn exif(mut self, exif: Content) -> Self {
        self.exif = Some(exif);
        self
    }
}

impl From<Photo> for Post {
    fn from(photo: Photo) -> Self {
        Self::of(TypeUri::photo(), &photo)
    }
}
