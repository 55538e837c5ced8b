//! What stands in the file.
//!
//! ```json
//! {
//!   "format": 1,
//!   "default": "https://alice.example",
//!   "entities": {
//!     "https://alice.example": { "registration": { … }, "account": { … } }
//!   }
//! }
//! ```
//!
//! A new member anywhere leaves the format at 1, since members that are unknown are kept as they are;
//! it changes when programs that know format 1 could no longer do right.

use std::collections::BTreeMap;
use std::path::Path;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tent_proto::Entity;
use tent_proto::login::{Account, Registration};

use crate::StoreError;

const FORMAT: u64 = 1;

/// The members of an object, those unknown here included, each with its exact text.
type Members = BTreeMap<String, Box<RawValue>>;

/// All of the file.
#[derive(Default)]
pub(super) struct Document {
    default: Option<Entity>,
    entries: BTreeMap<Entity, Entry>,
    unknown: Members,
}

/// What is kept for one entity.
#[derive(Default, Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Entry(Members);

impl Document {
    pub(super) fn parse(bytes: &[u8], path: &Path) -> Result<Self, StoreError> {
        let mut unknown: Members = parse(bytes, path, "the file")?;
        let mut take = |name: &str| unknown.remove(name);
        let format = take("format");
        let format: u64 = match &format {
            Some(raw) => parse(raw.get().as_bytes(), path, "the format")?,
            None => return Err(corrupt(path, "it names no format".to_owned())),
        };
        if format != FORMAT {
            let path = path.into();
            return Err(StoreError::Newer { path, format });
        }
        let default = take("default");
        let entries = take("entities");
        Ok(Self {
            default: match default {
                Some(raw) => parse(raw.get().as_bytes(), path, "the default")?,
                None => None,
            },
            entries: match entries {
                Some(raw) => parse(raw.get().as_bytes(), path, "the entities")?,
                None => BTreeMap::new(),
            },
            unknown,
        })
    }

    pub(super) fn to_json(&self) -> Result<Vec<u8>, serde_json::Error> {
        #[derive(Serialize)]
        struct Written<'a> {
            format: u64,
            #[serde(skip_serializing_if = "Option::is_none")]
            default: &'a Option<Entity>,
            entities: &'a BTreeMap<Entity, Entry>,
            #[serde(flatten)]
            unknown: &'a Members,
        }
        let mut text = serde_json::to_vec_pretty(&Written {
            format: FORMAT,
            default: &self.default,
            entities: &self.entries,
            unknown: &self.unknown,
        })?;
        text.push(b'\n');
        Ok(text)
    }

    pub(super) fn entry(&self, entity: &Entity) -> Option<&Entry> {
        self.entries.get(entity)
    }

    pub(super) fn entry_mut(&mut self, entity: &Entity) -> &mut Entry {
        self.entries.entry(entity.clone()).or_default()
    }

    pub(super) fn remove(&mut self, entity: &Entity) -> bool {
        if self.default.as_ref() == Some(entity) {
            self.default = None;
        }
        self.entries.remove(entity).is_some()
    }

    pub(super) fn entities(&self) -> impl Iterator<Item = &Entity> {
        self.entries.keys()
    }

    pub(super) const fn default_entity(&self) -> Option<&Entity> {
        self.default.as_ref()
    }

    /// Says whether the entity is known, and so could be chosen.
    pub(super) fn set_default_entity(&mut self, entity: &Entity) -> bool {
        let is_known = self.entries.contains_key(entity);
        if is_known {
            self.default = Some(entity.clone());
        }
        is_known
    }
}

impl Entry {
    pub(super) fn registration(&self, path: &Path) -> Result<Option<Registration>, StoreError> {
        self.get("registration", path)
    }

    pub(super) fn account(&self, path: &Path) -> Result<Option<Account>, StoreError> {
        self.get("account", path)
    }

    pub(super) fn set_registration(
        &mut self,
        registration: &Registration,
        path: &Path,
    ) -> Result<(), StoreError> {
        self.set("registration", registration, path)
    }

    pub(super) fn set_account(&mut self, account: &Account, path: &Path) -> Result<(), StoreError> {
        self.set("account", account, path)
    }

    fn get<T: DeserializeOwned>(&self, name: &str, path: &Path) -> Result<Option<T>, StoreError> {
        let raw = self.0.get(name);
        raw.map(|raw| parse(raw.get().as_bytes(), path, name))
            .transpose()
    }

    fn set(&mut self, name: &str, value: &impl Serialize, path: &Path) -> Result<(), StoreError> {
        let raw = serde_json::value::to_raw_value(value).map_err(|error| StoreError::Write {
            path: path.into(),
            cause: error.into(),
        })?;
        self.0.insert(name.to_owned(), raw);
        Ok(())
    }
}

/// Parses, and says of an error where it is but not what it says, since it may quote a key.
fn parse<T: DeserializeOwned>(bytes: &[u8], path: &Path, name: &str) -> Result<T, StoreError> {
    serde_json::from_slice(bytes).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        let place = match error.classify() {
            serde_json::error::Category::Data => format!("{name} is not what it should be"),
            _ => format!("{name} is not JSON at line {line}, column {column}"),
        };
        corrupt(path, place)
    })
}

fn corrupt(path: &Path, place: String) -> StoreError {
    let path = path.into();
    StoreError::Corrupt { path, place }
}
