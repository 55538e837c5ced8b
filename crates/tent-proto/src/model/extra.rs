//! Members that nobody here knows.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde::ser::{Serialize, Serializer};
use serde_json::value::RawValue;

/// The members of an object that this crate does not know, in the order they came, with their exact
/// text; and known ones that came as `null`, `[]`, `{}` or `""`, which count as absent. They are written
/// back after the known ones.
///
/// `Debug` shows their names only, since one of them may be a secret.
#[derive(Clone, Default)]
pub struct Extra(Vec<(Cow<'static, str>, Kept)>);

/// The value of a member. What most often comes empty takes no room of its own.
#[derive(Clone)]
pub(crate) enum Kept {
    Empty(Empty),
    Raw(Box<RawValue>),
}

/// What counts as absent though it was written.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Empty {
    Null,
    Array,
    Object,
    Text,
}

impl Kept {
    fn as_json(&self) -> &str {
        match self {
            Self::Empty(Empty::Null) => "null",
            Self::Empty(Empty::Array) => "[]",
            Self::Empty(Empty::Object) => "{}",
            Self::Empty(Empty::Text) => "\"\"",
            Self::Raw(raw) => raw.get(),
        }
    }
}

impl Serialize for Kept {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Empty(Empty::Null) => serializer.serialize_none(),
            Self::Empty(Empty::Array) => <[(); 0]>::serialize(&[], serializer),
            Self::Empty(Empty::Object) => BTreeMap::<(), ()>::new().serialize(serializer),
            Self::Empty(Empty::Text) => serializer.serialize_str(""),
            Self::Raw(raw) => raw.serialize(serializer),
        }
    }
}

impl Extra {
    /// The JSON text of a member.
    pub fn get(&self, name: &str) -> Option<&str> {
        let mut all = self.iter();
        all.find(|(other, _)| *other == name).map(|(_, text)| text)
    }

    /// Names and JSON texts, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, kept)| (&**name, kept.as_json()))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Sets a member to a value; one of this name is replaced.
    pub fn set(&mut self, name: impl Into<String>, value: Box<RawValue>) {
        self.keep(name.into().into(), Kept::Raw(value));
    }

    /// Removes a member.
    pub fn remove(&mut self, name: &str) {
        self.0.retain(|(other, _)| other != name);
    }

    pub(crate) fn set_empty(&mut self, name: &'static str, empty: Empty) {
        self.keep(name.into(), Kept::Empty(empty));
    }

    fn keep(&mut self, name: Cow<'static, str>, kept: Kept) {
        match self.0.iter_mut().find(|(other, _)| *other == name) {
            Some((_, old)) => *old = kept,
            None => {
                if self.0.is_empty() {
                    self.0.reserve_exact(1); // often there is just one
                }
                self.0.push((name, kept));
            }
        }
    }

    pub(crate) fn members(&self) -> &[(Cow<'static, str>, Kept)] {
        &self.0
    }
}

impl fmt::Debug for Extra {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.iter().map(|(name, _)| name);
        f.debug_set().entries(names).finish()
    }
}

impl PartialEq for Extra {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Extra {}
