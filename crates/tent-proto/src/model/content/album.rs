//! Albums.

use crate::model::Post;
use crate::model::object::object;
use crate::{PostId, TypeUri};

object! {
    /// The content of an album: photos in order.
    ///
    /// ```
    /// use tent_proto::Post;
    /// use tent_proto::model::Album;
    ///
    /// let album = Album::new(["p1", "p2"]).title("The coast").cover("p2");
    /// let post = Post::from(album).public();
    /// assert_eq!(post.content::<Album>()?.photos.len(), 2);
    /// # Ok::<(), tent_proto::json::DecodeError>(())
    /// ```
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

impl Album {
    /// An album of the photos in these posts.
    pub fn new<P: Into<PostId>>(photos: impl IntoIterator<Item = P>) -> Self {
        Self {
            photos: photos.into_iter().map(Into::into).collect(),
            ..Self::default()
        }
    }

    /// Gives it a title.
    #[must_use]
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = Some(title.into());
        self
    }

    /// Says what it is about.
    #[must_use]
    pub fn description(mut self, text: impl Into<String>) -> Self {
        self.description = Some(text.into());
        self
    }

    /// Says which photo stands for it.
    #[must_use]
    pub fn cover(mut self, photo: impl Into<PostId>) -> Self {
        self.cover = Some(photo.into());
        self
    }
}

impl From<Album> for Post {
    fn from(album: Album) -> Self {
        Self::of(TypeUri::album(), &album)
    }
}
