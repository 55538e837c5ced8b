//! Paths into content.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::model::object::plain_values;

/// A path into the content of a post, as in `exif/camera`: names of members, or positions in arrays,
/// with `/` between them. Within a name `~1` stands for `/`, and `~0` for `~`. A slash at the beginning
/// means nothing. Any text is kept as it came.
///
/// ```
/// use tent_proto::model::Pointer;
///
/// let path = Pointer::new(["prices", "€/kg"]);
/// assert_eq!(path.as_str(), "prices/€~1kg");
/// assert_eq!(path.find(r#"{"prices":{"€/kg":3.50}}"#).unwrap().get(), "3.50");
/// assert_eq!(Pointer::from("/a/b").name(), "b");
/// ```
///
/// Source: tent.io 0.2, post-types; RFC 6901 §3 and §4; `docs/protocol.md` §7.4.3.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Pointer(String);

impl Pointer {
    /// The path that goes by these names.
    pub fn new<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        let escape = |name: &str| name.replace('~', "~0").replace('/', "~1");
        let names: Vec<_> = names.into_iter().map(escape).collect();
        let path = names.join("/");
        // Of two slashes at the beginning the first means nothing.
        Self(if names.first().is_some_and(String::is_empty) {
            format!("/{path}")
        } else {
            path
        })
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The names that it goes by, without escapes. There is always one at least.
    pub fn names(&self) -> impl DoubleEndedIterator<Item = Cow<'_, str>> {
        let path = self.0.strip_prefix('/').unwrap_or(&self.0);
        path.split('/').map(|name| {
            if name.contains('~') {
                Cow::Owned(name.replace("~1", "/").replace("~0", "~"))
            } else {
                Cow::Borrowed(name)
            }
        })
    }

    /// The last name, which is what a view calls what is found.
    pub fn name(&self) -> Cow<'_, str> {
        self.names().next_back().unwrap_or_default()
    }

    /// What it leads to in a JSON text, if it leads anywhere.
    pub fn find<'a>(&self, json: &'a str) -> Option<&'a RawValue> {
        let mut found: &RawValue = serde_json::from_str(json).ok()?;
        for name in self.names() {
            found = step(found.get(), &name)?;
        }
        Some(found)
    }
}

/// A member of an object, or what stands at a position of an array.
fn step<'a>(json: &'a str, name: &str) -> Option<&'a RawValue> {
    if json.starts_with('[') {
        let items: Vec<&RawValue> = serde_json::from_str(json).ok()?;
        return items.get(name.parse::<usize>().ok()?).copied();
    }
    let members: BTreeMap<String, &RawValue> = serde_json::from_str(json).ok()?;
    members.get(name).copied()
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<&str> for Pointer {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl From<String> for Pointer {
    fn from(text: String) -> Self {
        Self(text)
    }
}

plain_values!(Pointer);
