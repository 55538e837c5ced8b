//! Posts.

use serde::de::DeserializeOwned;

use super::object::object;
use super::{Attachment, Content, Mention, Permissions, PostApp, Status};
use crate::json::DecodeError;
use crate::{Entity, PostId, Timestamp, TypeUri};

object! {
    /// A post. The pair of entity and id identifies it.
    ///
    /// ```
    /// use tent_proto::Post;
    ///
    /// let post = Post::status("Hello").public();
    /// assert_eq!(
    ///     serde_json::to_string(&post)?,
    ///     r#"{"type":"https://tent.io/types/post/status/v0.1.0","content":{"text":"Hello"},"permissions":{"public":true}}"#
    /// );
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    ///
    /// Source: tent.io 0.2, post-types; `docs/protocol.md` §7.4.
    pub struct Post {
        /// Its id, given by the server of its entity.
        pub id: Option<PostId> = "id",
        /// Who published it.
        pub entity: Option<Entity> = "entity",
        /// Its type, with a version.
        pub post_type: Option<TypeUri> = "type",
        /// Its content, of a shape that depends on the type. Absent where a view leaves it out.
        pub content: Option<Content> = "content",
        /// When its entity says that it was published, in epoch seconds. For display.
        pub published_at: Option<Timestamp> = "published_at",
        /// When the person's own server got it, in epoch seconds. For sorting; apps alone see it.
        pub received_at: Option<Timestamp> = "received_at",
        /// When it last changed, in epoch seconds; apps alone see it.
        pub updated_at: Option<Timestamp> = "updated_at",
        /// URIs of the licenses it is published under.
        pub licenses: Vec<String> = "licenses" | "licences",
        /// Whom, and which posts, it mentions.
        pub mentions: Vec<Mention> = "mentions",
        /// Who may see it. Without any it is private.
        pub permissions: Option<Permissions> = "permissions",
        /// What recipients of a reduced view get, as JSON. Written only; servers never show it.
        pub views: Option<Content> = "views",
        /// The files that belong to it.
        pub attachments: Vec<Attachment> = "attachments",
        /// The app that made it. Absent for posts that a server made.
        pub app: Option<PostApp> = "app",
        /// Its version, from 1. A post that a server made often begins with 2.
        pub version: Option<u64> = "version",
    }
}

impl Post {
    /// A post of any type. It is private until something else is said.
    pub fn new(post_type: TypeUri, content: Content) -> Self {
        Self {
            post_type: Some(post_type),
            content: Some(content),
            permissions: Some(Permissions::private()),
            ..Self::default()
        }
    }

    /// A status of this text. It is private until something else is said.
    pub fn status(text: impl Into<String>) -> Self {
        let status = Status {
            text: Some(text.into()),
            ..Status::default()
        };
        Self {
            content: Content::new(&status).ok(), // a string is always JSON
            post_type: Some(TypeUri::status()),
            permissions: Some(Permissions::private()),
            ..Self::default()
        }
    }

    /// Lets everybody see it.
    #[must_use]
    pub fn public(mut self) -> Self {
        self.permissions.get_or_insert_default().public = Some(true);
        self
    }

    /// Lets this entity see it. A server drops entities that neither follow nor are followed.
    #[must_use]
    pub fn visible_to(mut self, entity: Entity) -> Self {
        let permissions = self.permissions.take().unwrap_or_else(Permissions::private);
        self.permissions = Some(permissions.and_entity(entity));
        self
    }

    /// Mentions an entity.
    #[must_use]
    pub fn mentioning(mut self, entity: &Entity) -> Self {
        self.mentions.push(Mention::entity(entity.clone()));
        self
    }

    /// Mentions another post, and so replies to it. A post that has no entity and id yet cannot be
    /// replied to; nothing is added then.
    #[must_use]
    pub fn reply_to(mut self, post: &Self) -> Self {
        if let (Some(entity), Some(id)) = (&post.entity, &post.id) {
            self.mentions
                .push(Mention::post(entity.clone(), id.clone()));
        }
        self
    }

    /// Says when it was published, if not now.
    #[must_use]
    pub const fn published_at(mut self, time: Timestamp) -> Self {
        self.published_at = Some(time);
        self
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

    /// Whether everybody may see it.
    pub fn is_public(&self) -> bool {
        self.permissions
            .as_ref()
            .is_some_and(Permissions::is_public)
    }
}
