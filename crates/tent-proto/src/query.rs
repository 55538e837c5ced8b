//! The parameters of a list, in order.

use url::Url;

use crate::server::Endpoint;

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
