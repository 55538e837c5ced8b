//! Places in lists, to be stored.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Key, List};

/// A place in a list, from which [`Session::resume`](crate::Session::resume) goes on: today or, once
/// it was stored, next year.
///
/// It is written with serde as an object that people can read. Reading one back refuses what is not a
/// place, is a place in another kind of list, or was written in a later form.
///
/// ```
/// # use tent_flow::Series;
/// # use tent_flow::script::{Answer, Script};
/// # use tent_proto::Session;
/// use tent_proto::Place;
/// use tent_proto::call::ListPosts;
///
/// # let entity = "https://alice.example".parse()?;
/// # let session = Session::anonymous(entity, vec!["https://alice.example/tent".parse()?]);
/// # let mut client = Script::new()
/// #     .on("GET", "https://alice.example/tent/posts?limit=1", Answer::json(r#"[{"id":"p7"}]"#))
/// #     .on("GET", "https://alice.example/tent/posts?since_id=p7", Answer::json(r#"[{"id":"p8"}]"#));
/// let mut newest = session.posts(ListPosts::new()).first(1);
/// while let Some(page) = newest.next() {
///     newest.take(client.run(page))?;
/// }
/// let stored = serde_json::to_string(&newest.newer())?;
///
/// // Next year:
/// let place: Place<ListPosts> = serde_json::from_str(&stored)?;
/// let mut unread = session.resume(place);
/// let page = client.run(unread.next().unwrap());
/// assert_eq!(unread.take(page)?.len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place<L> {
    list: L,
    seen: Vec<Key>,
}

impl<L: List> Place<L> {
    /// Where this list begins.
    pub const fn new(list: L) -> Self {
        Self {
            list,
            seen: Vec::new(),
        }
    }

    pub(crate) const fn beyond(list: L, seen: Vec<Key>) -> Self {
        Self { list, seen }
    }

    /// The list that begins here. Its first items may be of the same second as those before this
    /// place, and come again.
    pub const fn list(&self) -> &L {
        &self.list
    }

    pub(crate) fn into_parts(self) -> (L, Vec<Key>) {
        (self.list, self.seen)
    }
}

/// The form that is written. Later ones will have other numbers.
const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored<L> {
    version: u32,
    list: L,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    seen: Vec<String>,
}

impl<L: Serialize> Serialize for Place<L> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let stored = Stored {
            version: VERSION,
            list: &self.list,
            seen: self.seen.iter().map(Key::to_string).collect(),
        };
        stored.serialize(serializer)
    }
}

impl<'de, L: Deserialize<'de>> Deserialize<'de> for Place<L> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error;
        let stored = Stored::deserialize(deserializer)?;
        if stored.version != VERSION {
            let text = format!("version {} of a place is not known", stored.version);
            return Err(D::Error::custom(text));
        }
        let seen = stored.seen.iter().map(|key| key.parse());
        Ok(Self {
            list: stored.list,
            seen: seen.collect::<Result<_, _>>().map_err(D::Error::custom)?,
        })
    }
}
