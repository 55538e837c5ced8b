//! Files on their way into a post.

use std::sync::Arc;

use tent_flow::{Segment, Source};

use crate::media_type;

/// How many bytes tell what a file is, at most.
const START: usize = 64;

/// A file to be attached to a new post.
///
/// Its media type is what the caller says; or else what its name says; or else what its first bytes
/// say, when they are at hand; or else `application/octet-stream`.
///
/// Source: tent.io 0.2, app-server; `docs/protocol.md` §6.6.7.
///
/// ```
/// use tent_proto::Upload;
///
/// let photo = Upload::bytes("photos", "quay.jpg", vec![0xff, 0xd8, 0xff]);
/// assert_eq!(photo.media_type(), "image/jpeg");
/// ```
#[derive(Debug, Clone)]
pub struct Upload {
    category: String,
    name: String,
    media_type: Option<String>,
    content: Segment,
}

impl Upload {
    /// A file whose bytes are at hand.
    pub fn bytes(
        category: impl Into<String>,
        name: impl Into<String>,
        bytes: impl Into<bytes::Bytes>,
    ) -> Self {
        Self::new(category, name, Segment::Bytes(bytes.into()))
    }

    /// A file that is read while it is sent, such as the `FileSource` of a driver.
    pub fn source(
        category: impl Into<String>,
        name: impl Into<String>,
        source: impl Source + 'static,
    ) -> Self {
        Self::new(category, name, Segment::Source(Arc::new(source)))
    }

    fn new(category: impl Into<String>, name: impl Into<String>, content: Segment) -> Self {
        Self {
            category: category.into(),
            name: name.into(),
            media_type: None,
            content,
        }
    }

    /// Says what it is, whatever its name and its bytes say.
    #[must_use]
    pub fn with_media_type(mut self, media_type: impl Into<String>) -> Self {
        self.media_type = Some(media_type.into());
        self
    }

    /// Says what it is to the post, once its media type is known, for instance.
    #[must_use]
    pub fn with_category(mut self, category: impl Into<String>) -> Self {
        self.category = category.into();
        self
    }

    /// What it is to the post, such as `photos`.
    pub fn category(&self) -> &str {
        &self.category
    }

    /// Its file name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its media type.
    pub fn media_type(&self) -> &str {
        let start = match &self.content {
            Segment::Bytes(bytes) => bytes.get(..START).unwrap_or(bytes),
            Segment::Source(source) => source.start(),
            _ => &[],
        };
        self.media_type
            .as_deref()
            .or_else(|| media_type::by_name(&self.name))
            .or_else(|| media_type::by_content(start))
            .unwrap_or("application/octet-stream")
    }

    /// How many bytes it has.
    pub fn len(&self) -> u64 {
        self.content.len()
    }

    /// Whether it has no bytes.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(crate) fn content(&self) -> &Segment {
        &self.content
    }
}

/// Named alike, with the same bytes at hand or the same source.
impl PartialEq for Upload {
    fn eq(&self, other: &Self) -> bool {
        let is_same = match (&self.content, &other.content) {
            (Segment::Bytes(one), Segment::Bytes(other)) => one == other,
            (Segment::Source(one), Segment::Source(other)) => Arc::ptr_eq(one, other),
            _ => false,
        };
        is_same
            && (&self.category, &self.name) == (&other.category, &other.name)
            && self.media_type() == other.media_type()
    }
}
