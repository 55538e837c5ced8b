//! Objects of the draft as those of the later dialects, and back.
//!
//! What both dialects say is translated: names of members, host names and URIs, types, licenses,
//! mentions, groups, audiences. What only one of them knows is kept in the other object's `extra`,
//! under its own name and with its exact text, and comes back from there. Nothing is dropped on the
//! way: what can neither be translated nor kept is an error that names it.
//!
//! | draft | later | |
//! | --- | --- | --- |
//! | `smith.me` | `https://smith.me` | other schemes are kept |
//! | `{"url", "version", "view"}` | `url/vVERSION#view` | types; families of types keep their URLs |
//! | `{"url", "version"}` | `url/vVERSION` | licenses |
//! | `time`, `licences`, `content.type` | `published_at`, `licenses`, `type` | posts |
//! | `entity`, `id` | `entity`, `post` | mentions |
//! | `recipients`, `scope` | `permissions` | posts; see [`Converter::post_to_v0`] |
//! | `post_types` | `types` | followings |
//! | names | references by id | groups; see [`Converter::with_groups`] |
//! | `full_name`, else `display_name` | `name` in the basic section of `profile` | followers |
//! | `https://tent.io`, a list of parts | `https://tent.io/types/info/core`, a map of sections | profiles |
//!
//! Two things come back in another form that says the same: a server without a scheme has `https://`
//! before it, and the parts of a profile stand in the order of their types, the core part first.
//!
//! ```
//! use tent_proto::draft::convert::Converter;
//! use tent_proto::draft::model::Post;
//!
//! let old: Post = serde_json::from_str(
//!     r#"{"id": "8fec7937f7c1", "time": 1342217776, "entity": "sheldon.io", "scope": "public", "mood": "glad",
//!         "content":{"type":{"url":"https://tent.io/types/posts/status","version":"0.1.0"},"text":"Hi"}}"#,
//! )?;
//! let converter = Converter::new();
//! let post = converter.post_to_v0(&old)?;
//! assert_eq!(post.entity.as_ref().unwrap().as_str(), "https://sheldon.io");
//! assert_eq!(post.post_type.as_ref().unwrap().as_str(), "https://tent.io/types/posts/status/v0.1.0");
//! assert!(post.is_public());
//! assert_eq!(post.extra.get("mood"), Some("\"glad\""));
//! assert_eq!(converter.post_from_v0(&post)?, old);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Source: `docs/protocol.md` §8.6.

mod audience;
mod error;
mod members;
mod post;
mod profile;
mod relation;

use serde_json::{Value, json};

pub use self::error::ConvertError;
pub(crate) use self::profile::add as add_part;
use crate::draft::model::{License, TypeReference};
use crate::model::{Extra, Group};
use crate::{Entity, EntityError, GroupId, TypeUri};

/// The entity that a host name of the draft stands for. What has a scheme already keeps it.
///
/// # Errors
///
/// When the outcome is not an https or http URL.
///
/// ```
/// use tent_proto::draft::convert::{entity, host_name};
///
/// let smith = entity("smith.me")?;
/// assert_eq!(smith.as_str(), "https://smith.me");
/// assert_eq!(host_name(&smith), "smith.me");
/// # Ok::<(), tent_proto::EntityError>(())
/// ```
pub fn entity(host_name: &str) -> Result<Entity, EntityError> {
    uri(host_name).parse()
}

/// The host name that the draft writes for an entity, with a path if it has one. An entity that is not
/// an `https` URL stays as it is.
pub fn host_name(entity: &Entity) -> String {
    host(entity.as_str()).to_owned()
}

pub(crate) fn uri(host: &str) -> String {
    if host.contains("://") {
        host.to_owned()
    } else {
        format!("https://{host}")
    }
}

fn host(uri: &str) -> &str {
    match uri.strip_prefix("https://") {
        Some(host) if !host.is_empty() && !host.contains("://") => host,
        _ => uri,
    }
}

/// Converts objects between the draft and the later dialects.
///
/// Its methods are named after the objects: `…_to_v0` makes one of v0.1 and v0.2 of one of the draft,
/// `…_from_v0` the reverse.
///
/// Source: `docs/protocol.md` §8.6.
#[derive(Debug, Clone, Default)]
pub struct Converter {
    groups: Vec<(GroupId, String)>,
}

impl Converter {
    /// A converter that knows no groups: a group of the draft becomes one that has a name and no id
    /// yet, and one that has an id alone cannot be converted.
    pub fn new() -> Self {
        Self::default()
    }

    /// Translates names of groups to ids and back, by these groups. The draft has names alone, the
    /// later dialects refer to groups by their ids.
    #[must_use]
    pub fn with_groups<'a>(mut self, groups: impl IntoIterator<Item = &'a Group>) -> Self {
        let named = |group: &Group| Some((group.id.clone()?, group.name.clone()?));
        self.groups.extend(groups.into_iter().filter_map(named));
        self
    }

    /// The reference to a group of this name, as JSON.
    fn group(&self, name: &str) -> Value {
        let known = self.groups.iter().find(|(_, other)| other == name);
        known.map_or_else(|| json!({ "name": name }), |(id, _)| json!({ "id": id }))
    }

    /// The name of the group that is referred to. `None` when it is not known, or more is said than
    /// would come back.
    fn group_name(&self, reference: &Value) -> Option<String> {
        let id = reference.get("id").and_then(Value::as_str);
        let known = self
            .groups
            .iter()
            .find(|(known, _)| Some(known.as_str()) == id);
        let name = match known {
            Some((_, name)) => name,
            None => reference.get("name")?.as_str()?,
        };
        (self.group(name) == *reference).then(|| name.to_owned())
    }
}

/// The URI of a type, and whether its parts come back out of it.
fn type_uri(reference: &TypeReference) -> Option<(TypeUri, bool)> {
    let uri = reference.to_uri()?;
    let again = TypeReference {
        extra: reference.extra.clone(),
        ..TypeReference::from_uri(&uri)
    };
    Some((uri, again == *reference))
}

/// The URI of a license, if it says all that the object does.
fn license_uri(license: &License) -> Option<String> {
    let uri = license.to_uri()?;
    let again = License::from_uri(&uri);
    let is_whole = again.url == license.url && again.version == license.version;
    (is_whole && says_nothing(&license.extra)).then_some(uri)
}

/// Whether all members are empty, which counts as absent (`docs/protocol.md` §9.1).
fn says_nothing(extra: &Extra) -> bool {
    extra.iter().all(|(_, text)| is_empty(text))
}

fn is_empty(text: &str) -> bool {
    matches!(text, "null" | "[]" | "{}" | "\"\"")
}
