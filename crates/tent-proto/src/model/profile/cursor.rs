//! The cursor section: how far the apps of a person have read.

use std::collections::BTreeMap;

use serde_json::value::{RawValue, to_raw_value};

use super::Section;
use crate::model::object::object;
use crate::model::{Extra, Permissions};
use crate::{Entity, Post, PostId, TypeUri};

object! {
    /// The cursor section of a profile: how far a person has read, shared by all their apps. There is
    /// one position for each post type, and one for the posts of each type that mention the person.
    ///
    /// What others keep in the section stays as it is, with its exact text.
    ///
    /// Since v0.2.
    ///
    /// Source: tent.io 0.2, info-types; `docs/protocol.md` §7.10.
    ///
    /// ```
    /// use tent_proto::model::{Cursor, Position};
    /// use tent_proto::{Post, TypeUri};
    ///
    /// let post: Post = serde_json::from_str(r#"{"id":"Zz81kQ","entity":"https://bob.example",
    ///     "type":"https://tent.io/types/post/status/v0.1.0"}"#)?;
    /// let mut cursor = Cursor::default();
    /// cursor.set_position(&TypeUri::status(), &Position::of(&post).unwrap());
    /// assert_eq!(cursor.position(&TypeUri::status()).unwrap().post, post.id);
    /// assert_eq!(cursor.mention(&TypeUri::status()), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub struct Cursor {
        /// Who may see the section.
        pub permissions: Option<Permissions> = "permissions",
        /// The version of the section, from 1.
        pub version: Option<u64> = "version",
    }
}

object! {
    /// The last post that was read.
    ///
    /// Source: tent.io 0.2, info-types; `docs/protocol.md` §7.10.
    pub struct Position {
        /// Whose post it is.
        pub entity: Option<Entity> = "entity",
        /// Its id.
        pub post: Option<PostId> = "post",
    }
}

const MENTIONS: &str = "mentions";

impl Position {
    /// The position at a post.
    pub fn new(entity: Entity, post: PostId) -> Self {
        Self {
            entity: Some(entity),
            post: Some(post),
            extra: Extra::default(),
        }
    }

    /// The position at a post as a server gave it; `None` when it lacks its entity or id.
    pub fn of(post: &Post) -> Option<Self> {
        Some(Self::new(post.entity.clone()?, post.id.clone()?))
    }
}

impl Cursor {
    /// How far posts of this type have been read. A position of another version of the type is taken
    /// where there is none of just this one.
    pub fn position(&self, post_type: &TypeUri) -> Option<Position> {
        let positions = || self.extra.iter().filter(|(name, _)| *name != MENTIONS);
        read(positions, post_type)
    }

    /// How far posts of this type that mention the person have been read.
    pub fn mention(&self, post_type: &TypeUri) -> Option<Position> {
        let mentions = self.mentions();
        read(
            || {
                mentions
                    .iter()
                    .map(|(name, raw)| (name.as_str(), raw.get()))
            },
            post_type,
        )
    }

    /// Says how far posts of this type have been read.
    pub fn set_position(&mut self, post_type: &TypeUri, position: &Position) {
        if let Ok(position) = to_raw_value(position) {
            self.extra.set(key(post_type), position);
        }
    }

    /// Says how far posts of this type that mention the person have been read.
    pub fn set_mention(&mut self, post_type: &TypeUri, position: &Position) {
        let mut mentions = self.mentions();
        if let Ok(position) = to_raw_value(position) {
            mentions.insert(key(post_type).to_owned(), position);
        }
        if let Ok(mentions) = to_raw_value(&mentions) {
            self.extra.set(MENTIONS, mentions);
        }
    }

    fn mentions(&self) -> BTreeMap<String, Box<RawValue>> {
        let mentions = self.extra.get(MENTIONS);
        let mentions = mentions.and_then(|text| serde_json::from_str(text).ok());
        mentions.unwrap_or_default()
    }
}

impl Section for Cursor {
    fn type_uri() -> TypeUri {
        TypeUri::cursor()
    }
}

/// The type without a view: a post is read in all of them.
fn key(post_type: &TypeUri) -> &str {
    let text = post_type.as_str();
    text.split_once('#').map_or(text, |(uri, _)| uri)
}

/// The position for a type among members, if it is one that can be used.
fn read<'a, I>(members: impl Fn() -> I, post_type: &TypeUri) -> Option<Position>
where
    I: Iterator<Item = (&'a str, &'a str)>,
{
    let exact = members().find(|(name, _)| *name == key(post_type));
    let (_, text) = exact
        .or_else(|| members().find(|(name, _)| TypeUri::from(*name).base() == post_type.base()))?;
    let position: Position = serde_json::from_str(text).ok()?;
    Some(position).filter(|position| position.entity.is_some() && position.post.is_some())
}
