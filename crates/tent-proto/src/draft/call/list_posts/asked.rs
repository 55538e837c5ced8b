//! What a list asks for, as a server reads it.

use std::borrow::Cow;
use std::str::FromStr;

use percent_encoding::percent_decode_str;

use super::ListPosts;
use crate::call::ReceiveError;
use crate::draft::call::{Fetch, escaped};
use crate::draft::model::TypeReference;
use crate::{PostId, Timestamp};

/// The parameters that there are, and whether each is a list, with commas.
const NAMES: [(&str, bool); 8] = [
    ("fetch", false),
    ("entity", true),
    ("post_types", true),
    ("since_id", false),
    ("before_id", false),
    ("since_time", false),
    ("before_time", false),
    ("limit", false),
];

impl ListPosts {
    /// Whether the servers of the entities are asked, if that is said.
    pub fn asked_fetch(&self) -> Option<Fetch> {
        self.parsed("fetch")
    }

    /// The entities, host names, whose posts are asked for; all when there are none.
    pub fn asked_entities(&self) -> impl Iterator<Item = Cow<'_, str>> {
        self.elements("entity")
    }

    /// The types that are asked for, and in which views; all when there are none.
    pub fn asked_types(&self) -> impl Iterator<Item = TypeReference> {
        let elements = self.elements("post_types");
        elements.map(|element| TypeReference::from_filter(&element))
    }

    /// The post that those that are asked for come after.
    pub fn asked_since(&self) -> Option<PostId> {
        self.decoded("since_id").map(|id| id.as_ref().into())
    }

    /// The post that those that are asked for come before.
    pub fn asked_before(&self) -> Option<PostId> {
        self.decoded("before_id").map(|id| id.as_ref().into())
    }

    /// The second after which they come.
    pub fn asked_since_time(&self) -> Option<Timestamp> {
        self.parsed("since_time").map(Timestamp::from_epoch_seconds)
    }

    /// The second before which they come.
    pub fn asked_before_time(&self) -> Option<Timestamp> {
        self.parsed("before_time")
            .map(Timestamp::from_epoch_seconds)
    }

    /// How many are asked for at most.
    pub fn asked_limit(&self) -> Option<u32> {
        self.parsed("limit")
    }

    /// Takes the parameters of a query, in which dots are escaped or not. The first of each name
    /// counts; empty ones and unknown ones do not.
    pub(super) fn with_query(mut self, query: &str) -> Result<Self, ReceiveError> {
        for pair in query.split('&') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let name = decoded(name);
            let Some(&(name, is_list)) = NAMES.iter().find(|(other, _)| *other == name) else {
                continue;
            };
            if value.is_empty() || self.value(name).is_some() {
                continue;
            }
            let elements = value.split(',').filter(|element| !element.is_empty());
            let elements = elements.map(|element| escaped(&decoded(element)));
            let value = match is_list {
                true => elements.collect::<Vec<_>>().join(","),
                false => escaped(&decoded(value)),
            };
            self.pairs.push((name, value));
        }
        self.check_one::<Fetch>("fetch")?;
        self.check_one::<i64>("since_time")?;
        self.check_one::<i64>("before_time")?;
        self.check_one::<u32>("limit")?;
        Ok(self)
    }

    fn check_one<T: FromStr>(&self, name: &'static str) -> Result<(), ReceiveError> {
        match self.decoded(name) {
            Some(value) if value.parse::<T>().is_err() => Err(ReceiveError::Parameter {
                name,
                value: value.into_owned(),
            }),
            _ => Ok(()),
        }
    }

    fn value(&self, name: &str) -> Option<&str> {
        let found = self.pairs.iter().find(|(other, _)| *other == name);
        found.map(|(_, value)| value.as_str())
    }

    fn decoded(&self, name: &str) -> Option<Cow<'_, str>> {
        let value = self.value(name)?;
        Some(percent_decode_str(value).decode_utf8_lossy())
    }

    fn parsed<T: FromStr>(&self, name: &str) -> Option<T> {
        self.decoded(name)?.parse().ok()
    }

    fn elements(&self, name: &str) -> impl Iterator<Item = Cow<'_, str>> {
        let elements = self.value(name).into_iter();
        let elements = elements.flat_map(|list| list.split(','));
        elements.map(|element| percent_decode_str(element).decode_utf8_lossy())
    }
}

/// A part of a query, as forms write it.
fn decoded(text: &str) -> String {
    let text = text.replace('+', " ");
    percent_decode_str(&text).decode_utf8_lossy().into_owned()
}
