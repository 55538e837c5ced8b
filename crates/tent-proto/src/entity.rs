//! Entities: the URLs that stand for people.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use url::Url;

/// A person, named by a URL.
///
/// Entities are compared as text: `https://alice.example` and `https://alice.example/` differ, as do
/// `http` and `https`. The text that counts is the one in the profile, byte for byte; where a person
/// typed one, use [`is_same_page`](Self::is_same_page).
///
/// An entity that a server sent is kept as it came, since losing a page of posts over one odd
/// mention helps nobody; [`url`](Self::url) says whether it can be asked.
///
/// Source: tent.io 0.2, introduction; `docs/protocol.md` §1.1.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Entity(String);

/// Why a text is not an entity.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EntityError {
    /// It is not a URL.
    #[error("{0:?} is not a URL")]
    Url(String, #[source] url::ParseError),
    /// It is a URL, but not one of `https` or `http`.
    #[error("{0:?} is neither an https nor an http URL")]
    Scheme(String),
    /// It carries a user name or a password.
    #[error("an entity has no user name or password")]
    Userinfo,
}

impl Entity {
    /// What a person typed: white space round it and a fragment are dropped, and `https://` is put
    /// before it when it has no scheme. Scheme and host become lower case, an international name
    /// becomes its ASCII form, and an empty path stays empty (`docs/protocol.md` §2.2).
    ///
    /// ```
    /// use tent_proto::Entity;
    ///
    /// assert_eq!(Entity::typed(" Alice.Example ")?.as_str(), "https://alice.example");
    /// assert_eq!(Entity::typed("http://bob.example/bob#me")?.as_str(), "http://bob.example/bob");
    /// # Ok::<(), tent_proto::EntityError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When that is not an https or http URL, or carries a user name or password.
    pub fn typed(text: &str) -> Result<Self, EntityError> {
        let text = text.trim();
        let mut url = if text.contains("://") {
            parse(text)?
        } else {
            parse(&format!("https://{text}"))?
        };
        url.set_fragment(None);
        let is_bare = url.path() == "/" && url.query().is_none();
        let mut text = String::from(url);
        if is_bare {
            text.pop();
        }
        Ok(Self(text))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The URL of the entity's page, where discovery begins.
    ///
    /// # Errors
    ///
    /// When it is not an https or http URL, or carries a user name or password.
    pub fn url(&self) -> Result<Url, EntityError> {
        parse(&self.0)
    }

    /// Whether both are the same URL, written with or without the slash of an empty path.
    pub fn is_same_page(&self, other: &Self) -> bool {
        self == other || matches!((self.url(), other.url()), (Ok(a), Ok(b)) if a == b)
    }
}

fn parse(text: &str) -> Result<Url, EntityError> {
    let url = Url::parse(text).map_err(|cause| EntityError::Url(text.to_owned(), cause))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(EntityError::Scheme(text.to_owned()));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(EntityError::Userinfo);
    }
    Ok(url)
}

impl fmt::Display for Entity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Keeps the text as it is, once it is known to be an https or http URL.
impl FromStr for Entity {
    type Err = EntityError;

    fn from_str(text: &str) -> Result<Self, EntityError> {
        parse(text).map(|_| Self(text.to_owned()))
    }
}

impl TryFrom<&str> for Entity {
    type Error = EntityError;

    fn try_from(text: &str) -> Result<Self, EntityError> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_typed_becomes_a_url() {
        for (typed, entity) in [
            ("alice.example", "https://alice.example"),
            ("https://alice.example/", "https://alice.example"),
            ("alice.example:8443/me", "https://alice.example:8443/me"),
            (
                "HTTPS://ALICE.example/Me?a=B",
                "https://alice.example/Me?a=B",
            ),
            ("http://bücher.example", "http://xn--bcher-kva.example"),
            ("https://alice.example/?", "https://alice.example/?"),
            ("https://alice.example/me/", "https://alice.example/me/"),
        ] {
            assert_eq!(Entity::typed(typed).unwrap().as_str(), entity);
        }
    }

    #[test]
    fn what_is_no_entity_is_refused() {
        for typed in [
            "",
            "ftp://alice.example",
            "https://me@alice.example",
            "a b",
            "mailto:a@b.example",
        ] {
            assert!(Entity::typed(typed).is_err(), "{typed:?}");
        }
        assert_eq!(
            "https://a:b@alice.example".parse::<Entity>(),
            Err(EntityError::Userinfo)
        );
    }

    #[test]
    fn parsing_keeps_the_text_and_pages_tolerate_a_slash() {
        let plain: Entity = "https://alice.example".parse().unwrap();
        let slash: Entity = "https://alice.example/".parse().unwrap();
        assert_ne!(plain, slash);
        assert_eq!(slash.as_str(), "https://alice.example/");
        assert!(plain.is_same_page(&slash));
        let other: Entity = "http://alice.example".parse().unwrap();
        assert!(!plain.is_same_page(&other));
    }

    proptest! {
        #[test]
        fn no_text_panics_and_typing_the_result_again_changes_nothing(text in ".{0,60}") {
            if let Ok(entity) = Entity::typed(&text) {
                prop_assert_eq!(Entity::typed(entity.as_str()).unwrap(), entity);
            }
        }
    }
}
