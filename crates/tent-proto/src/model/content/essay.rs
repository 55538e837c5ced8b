//! Essays.

use crate::TypeUri;
use crate::model::Post;
use crate::model::object::object;

object! {
    /// The content of an essay: a long text.
    ///
    /// Excerpt and body are HTML of somebody else's: clean them before they are shown.
    ///
    /// ```
    /// use tent_proto::Post;
    /// use tent_proto::model::Essay;
    ///
    /// let essay = Essay::new("<p>Twice a day…</p>").title("Tides").tag("sea");
    /// let post = Post::from(essay).public();
    /// assert_eq!(post.content::<Essay>()?.tags, ["sea"]);
    /// # Ok::<(), tent_proto::json::DecodeError>(())
    /// ```
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

impl Essay {
    /// An essay of this text, in HTML.
    pub fn new(body: impl Into<String>) -> Self {
        Self {
            body: Some(body.into()),
            ..Self::default()
        }
    }

    /// Gives it a title.
    #[must_use]
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = Some(title.into());
        self
    }

    /// Says what it is about, in HTML.
    #[must_use]
    pub fn excerpt(mut self, excerpt: impl Into<String>) -> Self {
        self.excerpt = Some(excerpt.into());
        self
    }

    /// Adds a word to find it by.
    #[must_use]
    pub fn tag(mut self, tag: impl Into<String>) -> Self {
        self.tags.push(tag.into());
        self
    }
}

impl From<Essay> for Post {
    fn from(essay: Essay) -> Self {
        Self::of(TypeUri::essay(), &essay)
    }
}
