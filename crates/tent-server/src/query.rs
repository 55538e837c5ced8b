//! The pairs of a query.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use http::request::Parts;
use url::form_urlencoded;

/// The pairs of a query, in their order. Any query can be read.
#[derive(Debug, Clone, Default)]
pub(crate) struct Query(Vec<(String, String)>);

impl Query {
    pub(crate) fn parse(text: &str) -> Self {
        Self(
            form_urlencoded::parse(text.as_bytes())
                .into_owned()
                .collect(),
        )
    }

    /// The first value of this name.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(other, _)| other == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The first value of this name, unless it is empty.
    pub(crate) fn filled(&self, name: &str) -> Option<&str> {
        self.get(name).filter(|value| !value.is_empty())
    }

    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0
            .iter()
            .filter(move |(other, _)| other == name)
            .map(|(_, value)| value.as_str())
    }

    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The same list at another place: without these cursors, and with others.
    pub(crate) fn beyond(&self, path: &str, without: &[&str], with: &[(&str, &str)]) -> String {
        let start = path.len() + 1;
        let mut pairs = form_urlencoded::Serializer::for_suffix(format!("{path}?"), start);
        pairs.extend_pairs(self.pairs().filter(|(name, _)| !without.contains(name)));
        pairs.extend_pairs(with);
        pairs.finish()
    }
}

impl FromRequestParts<()> for Query {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, (): &()) -> Result<Self, Infallible> {
        Ok(Self::parse(parts.uri.query().unwrap_or_default()))
    }
}
