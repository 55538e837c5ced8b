//! What the lists of followers, followings and groups share.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use bytes::Bytes;
use http::{Method, Response};
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use tent_flow::Request;

use super::{Access, Call, Receive, ReceiveError, Received, Replay, request};
use crate::json::{DecodeError, decode_secret};
use crate::list::{Key, List, cursor};
use crate::page::{Direction, Page};
use crate::query::Query;
use crate::{BuildError, Entity, Server, Timestamp};

/// What a list holds whose elements have ids of their own.
pub trait Listed: DeserializeOwned + Send + 'static {
    /// The id of an element.
    type Id: fmt::Display;
    /// Where the list is, below the root of the server.
    const PATH: &'static str;
    /// Whether it can be read without a signature.
    const ACCESS: Access;

    /// The id.
    fn id(&self) -> Option<&Self::Id>;
}

/// An element that stands for another entity.
pub trait Relation: Listed {}

/// A list whose elements have ids, newest first, in pages: [`ListFollowers`](super::ListFollowers),
/// [`ListFollowings`](super::ListFollowings) and [`ListGroups`](super::ListGroups).
///
/// Source: tent.io 0.2, app-server; `docs/protocol.md` §6.0.1.
pub struct ListById<T> {
    query: Query,
    of: PhantomData<fn() -> T>,
}

impl<T: Listed> ListById<T> {
    /// All that the caller may see.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many a page holds. Servers give 50 unless asked, and some no more.
    #[must_use]
    pub fn limit(self, limit: u32) -> Self {
        self.with("limit", &limit)
    }

    /// Those newer than this one. The page next to it comes, not the newest.
    #[must_use]
    pub fn since(self, id: &T::Id) -> Self {
        self.with("since_id", id)
    }

    /// Those older than this one.
    #[must_use]
    pub fn before(self, id: &T::Id) -> Self {
        self.with("before_id", id)
    }

    /// The newest, but none as old as this one. Since v0.2.
    #[must_use]
    pub fn until(self, id: &T::Id) -> Self {
        self.with("until_id", id)
    }

    /// The oldest first. Servers need not know this.
    #[must_use]
    pub fn oldest_first(self) -> Self {
        self.with("order", &"asc")
    }

    fn with(mut self, name: &str, value: &impl fmt::Display) -> Self {
        self.query.set(name, &value.to_string());
        self
    }
}

impl<T: Relation> ListById<T> {
    /// The one that is this entity alone. Servers need not know this.
    #[must_use]
    pub fn entity(self, entity: &Entity) -> Self {
        self.with("entity", entity)
    }

    /// Asks for keys too. Needs the scope `read_secrets`.
    #[must_use]
    pub fn with_secrets(self) -> Self {
        self.with("secrets", &true)
    }
}

impl<T: Listed> List for ListById<T> {
    type Item = T;
    /// They are sorted by when they came to be, each after the other.
    const HAS_TIES: bool = false;

    fn query(&self) -> &Query {
        &self.query
    }

    fn with_query(&self, query: Query) -> Self {
        let of = PhantomData;
        Self { query, of }
    }

    fn key(item: &T) -> Option<Key> {
        Some(Key::of([item.id()?.to_string().as_str()]))
    }

    fn time(&self, _: &T) -> Option<Timestamp> {
        None
    }

    fn beyond(&self, item: &T, direction: Direction) -> Option<Self> {
        let id = item.id()?.to_string();
        let mut list = self.clone();
        list.query.remove_cursors(direction);
        list.query.set(cursor(direction), &id);
        Some(list)
    }
}

impl<T: Listed> Call for ListById<T> {
    type Answer = Page<T, Self>;

    fn access(&self) -> Access {
        T::ACCESS
    }

    fn replay(&self) -> Replay {
        Replay::Always
    }

    fn request(&self, server: &Server) -> Result<Request, BuildError> {
        let url = self.query.append_to(server.endpoint(T::PATH)).url()?;
        Ok(request(Method::GET, url))
    }

    fn answer(
        &self,
        server: &Server,
        answer: Response<Bytes>,
    ) -> Result<Page<T, Self>, DecodeError> {
        let items = decode_secret(answer.body())?;
        Page::read(self, server, answer.headers(), items)
    }
}

impl<T: Listed> Receive for ListById<T> {
    fn receive(request: &Received<'_>) -> Result<Self, ReceiveError> {
        const PARAMETERS: [&str; 7] = [
            "limit",
            "since_id",
            "before_id",
            "until_id",
            "order",
            "entity",
            "secrets",
        ];
        let [] = request.matching(&Method::GET, T::PATH)?;
        let query = Query::receive(request, &PARAMETERS)?;
        let of = PhantomData;
        Ok(Self { query, of })
    }
}

// Not derived, since that would ask the same of the elements.

impl<T> Default for ListById<T> {
    fn default() -> Self {
        let (query, of) = (Query::default(), PhantomData);
        Self { query, of }
    }
}

impl<T> Clone for ListById<T> {
    fn clone(&self) -> Self {
        let (query, of) = (self.query.clone(), PhantomData);
        Self { query, of }
    }
}

impl<T> PartialEq for ListById<T> {
    fn eq(&self, other: &Self) -> bool {
        self.query == other.query
    }
}

impl<T> Eq for ListById<T> {}

impl<T: Listed> fmt::Debug for ListById<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple(T::PATH).field(&self.query).finish()
    }
}

impl<T: Listed> Serialize for ListById<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map([(T::PATH, &self.query)])
    }
}

impl<'de, T: Listed> Deserialize<'de> for ListById<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut lists: BTreeMap<String, Query> = BTreeMap::deserialize(deserializer)?;
        match lists.remove(T::PATH).filter(|_| lists.is_empty()) {
            Some(query) => Ok(Self {
                query,
                of: PhantomData,
            }),
            None => Err(D::Error::custom(format!("it is not a list of {}", T::PATH))),
        }
    }
}
