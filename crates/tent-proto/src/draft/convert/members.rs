//! An object as its members, with their exact text.

use std::fmt;

use serde::de::{Deserialize, DeserializeOwned, Deserializer, MapAccess, Visitor};
use serde::ser::{Serialize, Serializer};
use serde_json::value::{RawValue, to_raw_value};

use super::{ConvertError, is_empty};
use crate::json::decode;

/// The members of an object, in order.
#[derive(Clone, Default)]
pub(super) struct Members(Vec<(String, Box<RawValue>)>);

impl Members {
    pub(super) fn of(object: &impl Serialize) -> Result<Self, ConvertError> {
        Self::parse(to_raw_value(object).map_err(ConvertError::Write)?.get())
    }

    pub(super) fn parse(json: &str) -> Result<Self, ConvertError> {
        Ok(decode(json.as_bytes())?)
    }

    /// The object that they are the members of.
    pub(super) fn read<T: DeserializeOwned>(&self) -> Result<T, ConvertError> {
        let json = to_raw_value(self).map_err(ConvertError::Write)?;
        Ok(decode(json.get().as_bytes())?)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The text of a member, unless it is empty.
    pub(super) fn filled(&self, name: &str) -> Option<&str> {
        self.text(name).filter(|text| !is_empty(text))
    }

    pub(super) fn text(&self, name: &str) -> Option<&str> {
        let member = self.0.iter().find(|(other, _)| other == name);
        member.map(|(_, raw)| raw.get())
    }

    /// The value of a member, unless it is empty.
    pub(super) fn value<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, ConvertError> {
        let value = self.filled(name).map(|text| decode(text.as_bytes()));
        Ok(value.transpose()?)
    }

    pub(super) fn remove(&mut self, name: &str) {
        self.0.retain(|(other, _)| other != name);
    }

    /// Sets a member, at the place of the one of that name, or else before all others.
    pub(super) fn set(&mut self, name: &str, value: &impl Serialize) -> Result<(), ConvertError> {
        let raw = to_raw_value(value).map_err(ConvertError::Write)?;
        match self.0.iter_mut().find(|(other, _)| other == name) {
            Some((_, old)) => *old = raw,
            None => self.0.insert(0, (name.to_owned(), raw)),
        }
        Ok(())
    }

    /// Gives a member the name that it has in the other dialect, where nothing else may have it.
    pub(super) fn rename(&mut self, from: &str, to: &'static str) -> Result<(), ConvertError> {
        self.refuse(to)?;
        if let Some((name, _)) = self.0.iter_mut().find(|(name, _)| name == from) {
            to.clone_into(name);
        }
        Ok(())
    }

    /// Refuses a member that would be taken for another thing in the other dialect.
    pub(super) fn refuse(&self, name: &'static str) -> Result<(), ConvertError> {
        match self.text(name) {
            Some(_) => Err(ConvertError::Taken(name)),
            None => Ok(()),
        }
    }

    /// Changes the value of a member, unless it is empty. `None` says that there is no counterpart.
    pub(super) fn map<T: DeserializeOwned, U: Serialize>(
        &mut self,
        name: &'static str,
        change: impl FnOnce(T) -> Option<U>,
    ) -> Result<(), ConvertError> {
        let Some(value) = self.value(name)? else {
            return Ok(());
        };
        let changed = change(value).ok_or(ConvertError::NoCounterpart(name))?;
        self.set(name, &changed)
    }

    /// Changes each value of a list.
    pub(super) fn map_each<T: DeserializeOwned, U: Serialize>(
        &mut self,
        name: &'static str,
        change: impl FnMut(&T) -> Option<U>,
    ) -> Result<(), ConvertError> {
        self.map(name, |all: Vec<T>| {
            all.iter().map(change).collect::<Option<Vec<U>>>()
        })
    }
}

impl Serialize for Members {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, raw)| (name, raw)))
    }
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Object)
    }
}
