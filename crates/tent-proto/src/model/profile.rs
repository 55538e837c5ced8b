//! Profiles.

mod basic;
mod core;
mod cursor;

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

pub use self::basic::Basic;
pub use self::core::Core;
pub use self::cursor::{Cursor, Position};
use crate::TypeUri;
use crate::json::{self, DecodeError};

/// What a section of some type holds, so that it can be read and written typed. An app's own sections
/// can be one too; the members that it does not know are then best kept, as [`Basic`] does.
///
/// ```
/// use serde::{Deserialize, Serialize};
/// use tent_proto::model::Section;
/// use tent_proto::{Profile, TypeUri};
///
/// #[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
/// struct Boat {
///     name: String,
///     #[serde(flatten)]
///     others: serde_json::Map<String, serde_json::Value>,
/// }
///
/// impl Section for Boat {
///     fn type_uri() -> TypeUri {
///         "https://harbour.example/types/info/boat/v0.1.0".into()
///     }
/// }
///
/// let profile = r#"{"https://harbour.example/types/info/boat/v0.1.0":{"name":"Gull","version":1}}"#;
/// let profile: Profile = serde_json::from_str(profile)?;
/// assert_eq!(profile.get::<Boat>()?.unwrap().name, "Gull");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Section: Serialize + DeserializeOwned + Default + Send + 'static {
    /// The type that it is stored under.
    fn type_uri() -> TypeUri;
}

/// A profile: sections, each under the URI of its type. Sections of unknown types are kept with
/// their exact text.
///
/// Source: tent.io 0.2, info-types; `docs/protocol.md` §7.10.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Profile(BTreeMap<TypeUri, Box<RawValue>>);

impl Profile {
    /// The JSON text of the section of this type. Its version need not be the one asked for
    /// exactly: `0.1.x` finds any `0.1`.
    pub fn section(&self, section: &TypeUri) -> Option<&str> {
        let exact = self.0.get(section);
        let found = exact.or_else(|| {
            let mut all = self.0.iter();
            all.find(|(uri, _)| uri.matches(section))
                .map(|(_, raw)| raw)
        });
        found.map(|raw| raw.get())
    }

    /// The section of this type, read as `T`.
    ///
    /// # Errors
    ///
    /// When there is none, or it has another shape.
    pub fn read<T: DeserializeOwned>(&self, section: &TypeUri) -> Result<T, DecodeError> {
        let text = self.section(section);
        json::decode(
            text.ok_or(DecodeError::Missing("section of that type"))?
                .as_bytes(),
        )
    }

    /// The core section, of any version `0.1.x`.
    ///
    /// # Errors
    ///
    /// When there is none, or it has another shape.
    pub fn core(&self) -> Result<Core, DecodeError> {
        let any = TypeUri::from("https://tent.io/types/info/core/v0.1.x");
        match self.section(&any) {
            Some(text) => json::decode(text.as_bytes()),
            None => Err(DecodeError::Missing("core section")),
        }
    }

    /// The section of this kind, whatever its version; `None` when there is none, or none that may be
    /// seen.
    ///
    /// # Errors
    ///
    /// When it has another shape.
    pub fn get<S: Section>(&self) -> Result<Option<S>, DecodeError> {
        let found = self.find(&S::type_uri());
        found
            .map(|(_, text)| json::decode(text.as_bytes()))
            .transpose()
    }

    /// The section of just this type, or else of its base, which a server knows once at most.
    pub(crate) fn find(&self, section: &TypeUri) -> Option<(&TypeUri, &str)> {
        let exact = self.iter().find(|(uri, _)| *uri == section);
        exact.or_else(|| self.iter().find(|(uri, _)| uri.base() == section.base()))
    }

    /// The types and JSON texts of all sections.
    pub fn iter(&self) -> impl Iterator<Item = (&TypeUri, &str)> {
        self.0.iter().map(|(uri, raw)| (uri, raw.get()))
    }

    /// Adds or replaces a section.
    ///
    /// # Errors
    ///
    /// When the section cannot be written as JSON.
    pub fn set(
        &mut self,
        section: TypeUri,
        content: &impl Serialize,
    ) -> Result<(), serde_json::Error> {
        self.0
            .insert(section, serde_json::value::to_raw_value(content)?);
        Ok(())
    }
}

impl PartialEq for Profile {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Profile {}
