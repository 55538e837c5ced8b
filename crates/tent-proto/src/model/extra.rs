//! Members that nobody here knows.

use std::fmt;

use serde_json::value::RawValue;

/// The members of an object that this crate does not know, in the order they came, with their exact
/// text; and known ones that came as `null`, `[]` or `{}`, which count as absent. They are written
/// back after the known ones.
///
/// `Debug` shows their names only, since one of them may be a secret.
#[derive(Clone, Default)]
pub struct Extra(Vec<(String, Box<RawValue>)>);

impl Extra {
    /// The JSON text of a member.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter()
            .find(|(other, _)| *other == name)
            .map(|(_, text)| text)
    }

    /// Names and JSON texts, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, raw)| (name.as_str(), raw.get()))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Sets a member to a value; one of this name is replaced.
    pub fn set(&mut self, name: impl Into<String>, value: Box<RawValue>) {
        let name = name.into();
        match self.0.iter_mut().find(|(other, _)| *other == name) {
            Some((_, old)) => *old = value,
            None => self.0.push((name, value)),
        }
    }

    pub(super) fn set_empty(&mut self, name: impl Into<String>, text: &'static str) {
        // `null`, `[]` and `{}` are JSON.
        if let Ok(value) = RawValue::from_string(text.to_owned()) {
            self.set(name, value);
        }
    }

    pub(super) fn members(&self) -> &[(String, Box<RawValue>)] {
        &self.0
    }
}

impl fmt::Debug for Extra {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set()
            .entries(self.iter().map(|(name, _)| name))
            .finish()
    }
}

impl PartialEq for Extra {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Extra {}
