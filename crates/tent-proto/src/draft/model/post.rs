//! Posts.

use serde::de::DeserializeOwned;

use super::{License, TypeReference};
use crate::json::DecodeError;
use crate::model::Content;
use crate::model::object::object;
use crate::{PostId, Timestamp};

object! {
    /// A post. Its type is within its content.
    ///
    /// Source: `docs/protocol.md` §8.4.
    pub struct Post {
        /// Its id.
        pub id: Option<PostId> = "id",
        /// When it was published, in epoch seconds.
        pub time: Option<Timestamp> = "time",
        /// Who published it, a host name.
        pub entity: Option<String> = "entity",
        /// Who may see it, as the server says: `public`, `limited` or `direct`.
        pub scope: Option<String> = "scope",
        /// Who shall see it: names of groups, and host names. Everybody when there are none.
        pub recipients: Vec<String> = "recipients",
        /// The licenses it is published under.
        pub licences: Vec<License> = "licences" | "licenses",
        /// Whom, and which posts, it mentions.
        pub mentions: Vec<Mention> = "mentions",
        /// Its content, of a shape that depends on the type within it.
        pub content: Option<Content> = "content",
    }
}

object! {
    /// An entity that a post mentions, or one post of it.
    pub struct Mention {
        /// Who is mentioned, a host name.
        pub entity: Option<String> = "entity",
        /// Which of that entity's posts.
        pub id: Option<PostId> = "id",
    }
}

object! {
    /// What every content has.
    struct Typed {
        /// The type.
        pub content_type: Option<TypeReference> = "type",
    }
}

impl Post {
    /// The type within the content.
    ///
    /// # Errors
    ///
    /// When there is no content, or it has no type.
    pub fn content_type(&self) -> Result<TypeReference, DecodeError> {
        let typed: Typed = self.content()?;
        typed
            .content_type
            .ok_or(DecodeError::Missing("type in its content"))
    }

    /// Reads the content as some type.
    ///
    /// # Errors
    ///
    /// When there is none, or it has another shape.
    pub fn content<T: DeserializeOwned>(&self) -> Result<T, DecodeError> {
        let content = self.content.as_ref();
        content.ok_or(DecodeError::Missing("content"))?.read()
    }
}
