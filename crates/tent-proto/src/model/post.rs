//! Posts.

use std::collections::BTreeMap;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::object::object;
use super::{
    Album, Attachment, Content, Essay, Mention, Permissions, Photo, PostApp, Repost, Status, View,
};
use crate::json::DecodeError;
use crate::{Entity, GroupId, PostId, Timestamp, TypeUri};

object! {
    /// A post. The pair of entity and id identifies it.
    ///
    /// ```
    /// use tent_proto::{Entity, Post};
    ///
    /// let post = Post::status("Hello").public();
    /// assert_eq!(
    ///     serde_json::to_string(&post)?,
    ///     r#"{"type":"https://tent.io/types/post/status/v0.1.0","content":{"text":"Hello"},"permissions":{"public":true}}"#
    /// );
    ///
    /// // Bob alone sees the answer to his post.
    /// let bob: Entity = "https://bob.example".parse()?;
    /// let theirs: Post = serde_json::from_str(r#"{"entity":"https://bob.example","id":"Zz8"}"#)?;
    /// let answer = Post::status("^bob At ten.")
    ///     .reply_to(&theirs)
    ///     .visible_to(&bob)
    ///     .licensed("http://creativecommons.org/licenses/by/3.0/");
    /// assert!(!answer.is_public());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
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
        /// What recipients of a reduced view get, by the name of the view. Written only; servers never
        /// show it.
        pub views: BTreeMap<String, View> = "views",
        /// The files that belong to it.
        pub attachments: Vec<Attachment> = "attachments",
        /// The app that made it. Absent for posts that a server made.
        pub app: Option<PostApp> = "app",
        /// Its version, from 1. A post that a server made often begins with 2.
        pub version: Option<u64> = "version",
    }
}

impl Post {
    /// A post of any type. It is private until something else is said, as are those of all
    /// constructors.
    pub fn new(post_type: TypeUri, content: Content) -> Self {
        Self {
            post_type: Some(post_type),
            content: Some(content),
            permissions: Some(Permissions::private()),
            ..Self::default()
        }
    }

    /// A post of one of the types whose content is known.
    pub(super) fn of(post_type: TypeUri, content: &impl Serialize) -> Self {
        Self {
            content: Content::new(content).ok(), // what is read from JSON is always JSON
            post_type: Some(post_type),
            permissions: Some(Permissions::private()),
            ..Self::default()
        }
    }

    /// A status of this text. A place it may have by way of [`Status::at`].
    pub fn status(text: impl Into<String>) -> Self {
        Status::new(text).into()
    }

    /// An essay of this title and text, the latter in HTML. More can be said by way of [`Essay`].
    pub fn essay(title: impl Into<String>, body: impl Into<String>) -> Self {
        Essay::new(body).title(title).into()
    }

    /// A photo of which this says what it shows; the picture is to be attached. More can be said by way
    /// of [`Photo`].
    pub fn photo(caption: impl Into<String>) -> Self {
        Photo::new(caption).into()
    }

    /// An album of the photos in these posts. More can be said by way of [`Album`].
    pub fn album<P: Into<PostId>>(
        title: impl Into<String>,
        photos: impl IntoIterator<Item = P>,
    ) -> Self {
        Album::new(photos).title(title).into()
    }

    /// Passes a post on. `None` when it has no entity or id yet, as before it is published.
    ///
    /// ```
    /// use tent_proto::Post;
    ///
    /// let theirs: Post = serde_json::from_str(r#"{"entity":"https://bob.example","id":"Zz8"}"#)?;
    /// let repost = Post::repost(&theirs).unwrap().public();
    /// assert_eq!(repost.mentions[0].post, theirs.id);
    /// assert!(Post::repost(&Post::status("Not published")).is_none());
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn repost(post: &Self) -> Option<Self> {
        let (entity, id) = post.name()?;
        Some(Repost::new(entity.clone(), id.clone()).into())
    }

    /// Entity and id, which together tell it from all others. It has both once it is published.
    pub fn name(&self) -> Option<(&Entity, &PostId)> {
        self.entity.as_ref().zip(self.id.as_ref())
    }

    /// Lets everybody see it.
    #[must_use]
    pub fn public(mut self) -> Self {
        self.permissions.get_or_insert_default().public = Some(true);
        self
    }

    /// Lets this entity see it. A server drops entities that neither follow nor are followed.
    #[must_use]
    pub fn visible_to(self, entity: &Entity) -> Self {
        self.permitting(|permissions| permissions.and_entity(entity.clone()))
    }

    /// Lets the members of this group see it. The reference server drops groups.
    #[must_use]
    pub fn visible_to_group(self, group: &GroupId) -> Self {
        self.permitting(|permissions| permissions.and_group(group.clone()))
    }

    fn permitting(mut self, more: impl FnOnce(Permissions) -> Permissions) -> Self {
        let permissions = self.permissions.take();
        self.permissions = Some(more(permissions.unwrap_or_else(Permissions::private)));
        self
    }

    /// Mentions an entity.
    #[must_use]
    pub fn mentioning(mut self, entity: &Entity) -> Self {
        self.mentions.push(Mention::entity(entity.clone()));
        self
    }

    /// Mentions a post of an entity, and so answers it.
    #[must_use]
    pub fn mentioning_post(mut self, entity: &Entity, id: &PostId) -> Self {
        let mention = Mention::post(entity.clone(), id.clone());
        self.mentions.push(mention);
        self
    }

    /// Mentions another post, and so replies to it. A post that has no entity and id yet cannot be
    /// replied to; nothing is added then.
    #[must_use]
    pub fn reply_to(self, post: &Self) -> Self {
        match post.name() {
            Some((entity, id)) => self.mentioning_post(entity, id),
            None => self,
        }
    }

    /// Publishes it under a license, named by a URI; said again, under several.
    #[must_use]
    pub fn licensed(mut self, license: impl Into<String>) -> Self {
        self.licenses.push(license.into());
        self
    }

    /// Defines a view: what those get who ask for it by this name. `full` and `meta` are taken.
    #[must_use]
    pub fn with_view(mut self, name: impl Into<String>, view: View) -> Self {
        self.views.insert(name.into(), view);
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
