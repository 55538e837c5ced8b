//! A post, as the command line names it.

use std::str::FromStr;

use tent_proto::{Entity, Post, PostId};

use crate::exit::Exit;
use crate::failure::Failure;

/// `[ENTITY#]ID`: a post of an entity, or of one's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PostName {
    pub(crate) entity: Option<Entity>,
    pub(crate) id: PostId,
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
