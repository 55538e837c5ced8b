//! A post, as the command line names it.

use std::fmt;
use std::str::FromStr;

use tent_proto::call::GetPost;
use tent_proto::model::Mention;
use tent_proto::{Entity, Post, PostId, Session};

use crate::exit::Exit;
use crate::failure::Failure;

/// `[ENTITY#]ID`: a post of an entity, or of one's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PostName {
    pub(crate) entity: Option<Entity>,
    pub(crate) id: PostId,
}

impl PostName {
    /// Reads the post.
    pub(crate) fn get(self, session: &Session) -> GetPost {
        let mut call = GetPost::new(self.id);
        // Servers of v0.1 and v0.2 document the path without an entity alone, so one's own go by it.
        let entity = self.entity;
        call.entity = entity.filter(|entity| !entity.is_same_page(session.entity()));
        call
    }

    /// The id, for what can be done with one's own posts alone.
    pub(crate) fn own(self, session: &Session) -> Result<PostId, Failure> {
        match self.entity {
            Some(entity) if !entity.is_same_page(session.entity()) => Err(Failure::usage(format!(
                "{entity}#{} is not a post of your own",
                self.id
            ))),
            _ => Ok(self.id),
        }
    }
}

impl fmt::Display for PostName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.entity {
            Some(entity) => write!(f, "{entity}#{}", self.id),
            None => self.id.fmt(f),
        }
    }
}

impl FromStr for PostName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (entity, id) = match text.rsplit_once('#') {
            Some((entity, id)) => (Some(parse_entity(entity)?), id),
            None => (None, text),
        };
        if id.is_empty() {
            return Err("there is no id".to_owned());
        }
        Ok(Self {
            entity,
            id: id.into(),
        })
    }
}

/// `ENTITY[#POST]`: whom a post mentions, or what it replies to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mentioned {
    pub(crate) entity: Entity,
    pub(crate) post: Option<PostId>,
}

impl FromStr for Mentioned {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (entity, post) = match text.split_once('#') {
            Some((entity, post)) if !post.is_empty() => (entity, Some(post.into())),
            Some((entity, _)) => (entity, None),
            None => (text, None),
        };
        Ok(Self {
            entity: parse_entity(entity)?,
            post,
        })
    }
}

impl From<Mentioned> for Mention {
    fn from(mentioned: Mentioned) -> Self {
        match mentioned.post {
            Some(id) => Self::post(mentioned.entity, id),
            None => Self::entity(mentioned.entity),
        }
    }
}

/// The id that a server gave a post.
pub(crate) fn id_of(post: &Post) -> Result<&PostId, Failure> {
    let id = post.id.as_ref();
    id.ok_or_else(|| Failure::new(Exit::Refused, "the server gave the post no id"))
}

/// An entity as a person types it.
pub(crate) fn parse_entity(text: &str) -> Result<Entity, String> {
    Entity::typed(text).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_post_is_named_with_or_without_its_entity() {
        let own: PostName = "Zz81".parse().unwrap();
        assert_eq!((own.entity, own.id.as_str()), (None, "Zz81"));
        let other: PostName = "https://bob.example#Zz81".parse().unwrap();
        assert_eq!(other.entity.unwrap().as_str(), "https://bob.example");
        assert_eq!(other.id.as_str(), "Zz81");
        for text in ["", "https://bob.example#", "#Zz81", "ftp://x#Zz81"] {
            assert!(text.parse::<PostName>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_mention_is_of_an_entity_or_of_its_post() {
        let bob: Mentioned = "bob.example".parse().unwrap();
        assert_eq!(
            (bob.entity.as_str(), bob.post),
            ("https://bob.example", None)
        );
        let reply: Mentioned = "https://bob.example/#Zz81".parse().unwrap();
        assert_eq!(reply.entity.as_str(), "https://bob.example");
        assert_eq!(reply.post.unwrap().as_str(), "Zz81");
        assert!("#Zz81".parse::<Mentioned>().is_err());
    }
}
