//! The parameters of a list, in order.

use url::Url;

use crate::page::Direction;
use crate::server::Endpoint;
use crate::{Entity, PostId};

/// The pairs of a query. What a server put into a paging link is kept, known or not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Query(Vec<(String, String)>);

impl Query {
    /// The query of a URL.
    pub(crate) fn of(url: &Url) -> Self {
        Self(url.query_pairs().into_owned().collect())
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(other, _)| other == name);
        found.map(|(_, value)| value.as_str())
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

    /// Removes what says where a page is, but on the way to what is older not the lower bound of a list
    /// that has bounds at both ends.
    pub(crate) fn remove_cursors(&mut self, direction: Direction) {
        let keeps_lower = direction == Direction::Older && !self.goes_forward();
        let is_removed = |name: &str| match name.strip_suffix("_entity").unwrap_or(name) {
            "since_id" | "since_version" => !keeps_lower,
            "before_id" | "before_version" => true,
            _ => false,
        };
        self.0.retain(|(name, _)| !is_removed(name));
    }

    /// Takes over the lower bound of the list that was asked for, if that has bounds at both ends:
    /// links to older pages may leave it out.
    pub(crate) fn bounded_as(mut self, asked: &Url) -> Self {
        let is_given = |name| asked.query_pairs().any(|(other, _)| other == name);
        for (lower, upper) in [
            ("since_id", "before_id"),
            ("since_version", "before_version"),
        ] {
            if !is_given(upper) || self.get(lower).is_some() {
                continue;
            }
            for (name, value) in asked.query_pairs() {
                if name.strip_suffix("_entity").unwrap_or(&name) == lower {
                    self.set(&name, &value);
                }
            }
        }
        self
    }

    /// Whether it asks for what is newer than something, and so goes on towards the newest.
    pub(crate) fn goes_forward(&self) -> bool {
        let is_given = |name| self.get(name).is_some();
        (is_given("since_id") && !is_given("before_id"))
            || (is_given("since_version") && !is_given("before_version"))
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

    pub(crate) fn append_to<'a>(&self, endpoint: Endpoint<'a>) -> Endpoint<'a> {
        let pairs = self.0.iter();
        pairs.fold(endpoint, |endpoint, (name, value)| {
            endpoint.pair(name, value)
        })
    }
}
