//! The parameters of a list, in order.

mod parameter;
mod read;

use std::fmt;
use std::hash::{Hash, Hasher};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use url::{Url, form_urlencoded};

pub use self::read::Bound;
use crate::page::Direction;
use crate::server::Endpoint;
use crate::{Entity, PostId};

/// The parameters of a list: what a call asks for, or where a paging link leads.
///
/// Two of them are equal when they ask for the same, in whatever order it was said. They are written
/// as a URL writes them, `limit=20&before_id=Zz81`, and read from that; a parameter of the protocol
/// must then have a value that it can have. What a server put into a paging link is kept, known or
/// not.
///
/// Source: tent.io 0.2, app-server; `docs/protocol.md` §6.0.1 and §6.6.2.
///
/// ```
/// use tent_proto::call::ListPosts;
/// use tent_proto::{List, TypeUri};
///
/// let list = ListPosts::new().post_type(&TypeUri::status()).limit(20);
/// assert_eq!(list, ListPosts::new().limit(20).post_type(&TypeUri::status()));
/// assert_eq!(list.query().limit(), Some(20));
///
/// let kept = serde_json::to_string(&list)?;
/// assert_eq!(serde_json::from_str::<ListPosts>(&kept)?, list);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Query(Vec<(String, String)>);

impl Query {
    /// The query of a URL.
    pub(crate) fn of(url: &Url) -> Self {
        Self(url.query_pairs().into_owned().collect())
    }

    /// The pairs, in their order.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        let pairs = self.0.iter();
        pairs.map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The first value of a parameter.
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.pairs().find(|(other, _)| *other == name);
        found.map(|(_, value)| value)
    }

    pub(crate) fn set(&mut self, name: &str, value: &str) {
        match self.0.iter_mut().find(|(other, _)| other == name) {
            Some((_, old)) => value.clone_into(old),
            None => self.0.push((name.to_owned(), value.to_owned())),
        }
    }

    pub(crate) fn remove(&mut self, name: &str) {
        self.0.retain(|(other, _)| other != name);
    }

    pub(crate) fn set_limit(&mut self, limit: Option<u32>) {
        match limit {
            Some(limit) => self.set("limit", &limit.to_string()),
            None => self.remove("limit"),
        }
    }

    /// A post that is a cursor. One of another entity is known only along with that entity.
    pub(crate) fn set_cursor(&mut self, name: &str, entity: Option<&Entity>, id: &PostId) {
        self.set(name, id.as_str());
        let of = format!("{name}_entity");
        match entity {
            Some(entity) => self.set(&of, entity.as_str()),
            None => self.remove(&of),
        }
    }

    /// Several values with commas between them.
    pub(crate) fn add_with_comma(&mut self, name: &str, value: &str) {
        match self.get(name) {
            Some(others) => self.set(name, &format!("{others},{value}")),
            None => self.set(name, value),
        }
    }

    /// One value stands alone, several as `name[]=…` repeated (`docs/protocol.md` §6.0).
    pub(crate) fn add_to_list(&mut self, name: &str, value: &str) {
        let listed = format!("{name}[]");
        if let Some((single, _)) = self.0.iter_mut().find(|(other, _)| other == name) {
            single.clone_from(&listed);
        }
        let is_listed = self.0.iter().any(|(other, _)| *other == listed);
        let name = if is_listed { listed } else { name.to_owned() };
        self.0.push((name, value.to_owned()));
    }

    /// Removes what says where a page is, but on the way to what is older not the lower bound of a list
    /// that has bounds at both ends, nor on the way to what is newer the upper one.
    pub(crate) fn remove_cursors(&mut self, direction: Direction) {
        let is_bounded = self.is_given(LOWER) && self.is_given(UPPER);
        let is_removed = |name: &str| match name.strip_suffix("_entity").unwrap_or(name) {
            name if LOWER.contains(&name) => !is_bounded || direction == Direction::Newer,
            name if UPPER.contains(&name) => !is_bounded || direction == Direction::Older,
            _ => false,
        };
        self.0.retain(|(name, _)| !is_removed(name));
    }

    /// Takes over the bound at the far end of the list that was asked for, if that has bounds at both
    /// ends: links to its pages may leave it out.
    pub(crate) fn bounded_as(mut self, asked: &Self) -> Self {
        let far = if asked.is_oldest_first() {
            UPPER
        } else {
            LOWER
        };
        if !asked.is_given(LOWER) || !asked.is_given(UPPER) || self.is_given(far) {
            return self;
        }
        for (name, value) in asked.pairs() {
            if far.contains(&name.strip_suffix("_entity").unwrap_or(name)) {
                self.set(name, value);
            }
        }
        self
    }

    /// Whether it asks for the page next to some item and the newest are far, and so the list goes on
    /// by its previous pages.
    pub(crate) fn goes_forward(&self) -> bool {
        self.is_given(LOWER) && !self.is_given(UPPER) && !self.is_oldest_first()
    }

    fn is_given(&self, names: [&str; 2]) -> bool {
        names.iter().any(|name| self.get(name).is_some())
    }

    pub(crate) fn append_to<'a>(&self, endpoint: Endpoint<'a>) -> Endpoint<'a> {
        self.pairs().fold(endpoint, |endpoint, (name, value)| {
            endpoint.pair(name, value)
        })
    }

    /// What it asks for, in one order, each thing once.
    fn normal(&self) -> Vec<(&str, &str)> {
        let mut pairs = Vec::with_capacity(self.0.len());
        for (name, value) in self.pairs() {
            let name = name.strip_suffix("[]").unwrap_or(name);
            if name == "post_types" {
                pairs.extend(value.split(',').map(|value| (name, value)));
            } else {
                pairs.push((name, value));
            }
        }
        pairs.sort_unstable();
        pairs.dedup();
        pairs
    }
}

/// What a page begins after, on the side of the older.
const LOWER: [&str; 2] = ["since_id", "since_version"];
/// The same on the side of the newer.
const UPPER: [&str; 2] = ["before_id", "before_version"];

impl PartialEq for Query {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0 || self.normal() == other.normal()
    }
}

impl Eq for Query {}

impl Hash for Query {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.normal().hash(state);
    }
}

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut pairs = form_urlencoded::Serializer::new(String::new());
        f.write_str(&pairs.extend_pairs(self.pairs()).finish())
    }
}

impl Serialize for Query {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Query {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let pairs = form_urlencoded::parse(text.as_bytes());
        let query = Self(pairs.into_owned().collect());
        query.check().map_err(serde::de::Error::custom)?;
        Ok(query)
    }
}
