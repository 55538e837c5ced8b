//! Conditions on attachments.

use crate::model::Attachment;
use crate::model::object::object;

object! {
    /// What an attachment must be to belong to a view: all that is said here, to the letter. One that
    /// says nothing fits no attachment.
    ///
    /// Source: tent.io 0.2, post-types; `docs/protocol.md` §7.4.3.
    pub struct Condition {
        /// What it is to the post, such as `thumbnails`.
        pub category: Option<String> = "category",
        /// Its file name.
        pub name: Option<String> = "name",
        /// Its media type.
        pub media_type: Option<String> = "type",
    }
}

impl Condition {
    /// Attachments of this category.
    pub fn category(category: impl Into<String>) -> Self {
        Self {
            category: Some(category.into()),
            ..Self::default()
        }
    }

    /// Attachments of this media type.
    pub fn media_type(media_type: impl Into<String>) -> Self {
        Self {
            media_type: Some(media_type.into()),
            ..Self::default()
        }
    }

    /// Attachments of this file name.
    pub fn name(name: impl Into<String>) -> Self {
        Self {
            name: Some(name.into()),
            ..Self::default()
        }
    }

    /// Whether an attachment is what it must be.
    pub fn fits(&self, attachment: &Attachment) -> bool {
        let pairs = [
            (&self.category, &attachment.category),
            (&self.name, &attachment.name),
            (&self.media_type, &attachment.media_type),
        ];
        let mut said = pairs
            .iter()
            .filter(|(wanted, _)| wanted.is_some())
            .peekable();
        said.peek().is_some() && said.all(|(wanted, is)| wanted == is)
    }
}
