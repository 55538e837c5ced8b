//! Entities, as the command line names them where they are known already.

use std::iter;
use std::str::FromStr;

use tent_proto::Entity;

use crate::post_id::parse_entity;

/// Whom a person may mean. As when logging in, `https` may be left out, and `http` too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Meant {
    /// As it was typed, with `https` where there is no scheme.
    pub(crate) typed: Entity,
    plain: Option<Entity>,
}

impl Meant {
    /// From the likeliest on.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Entity> {
        iter::once(&self.typed).chain(&self.plain)
    }
}

impl FromStr for Meant {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let plain = match text.contains("://") {
            true => None,
            false => Some(parse_entity(&format!("http://{text}"))?),
        };
        Ok(Self {
            typed: parse_entity(text)?,
            plain,
        })
    }
}

/// `ENTITY|ID`: a following or a follower.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Named {
    Entity(Meant),
    Id(String),
}

/// Entities have a dot or a colon in them, and no server is known that makes such ids.
impl FromStr for Named {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.trim() {
            "" => Err("there is neither an entity nor an id".to_owned()),
            text if text.contains(['.', ':']) => text.parse().map(Self::Entity),
            text => Ok(Self::Id(text.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meant(text: &str) -> Vec<String> {
        let meant: Meant = text.parse().unwrap();
        meant.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_scheme_may_be_left_out() {
        assert_eq!(
            meant(" bob.example/ "),
            ["https://bob.example", "http://bob.example"]
        );
        assert_eq!(meant("http://bob.example"), ["http://bob.example"]);
        assert!("a b".parse::<Meant>().is_err());
    }

    #[test]
    fn an_id_is_what_cannot_be_an_entity() {
        for text in ["bob.example", "localhost:7878", "https://bob"] {
            assert!(matches!(text.parse(), Ok(Named::Entity(_))), "{text}");
        }
        assert_eq!("-Zz_81".parse(), Ok(Named::Id("-Zz_81".to_owned())));
        for text in ["", " ", "ftp://bob.example"] {
            assert!(text.parse::<Named>().is_err(), "{text}");
        }
    }
}
