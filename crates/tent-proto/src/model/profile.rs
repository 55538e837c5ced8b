//! Profiles.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::Permissions;
use super::object::object;
use crate::json::{self, DecodeError};
use crate::{Entity, Server, TypeUri};

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

object! {
    /// The core section of a profile: who somebody is, and where their servers are.
    ///
    /// Source: tent.io 0.2, info-types; `docs/protocol.md` §7.10.
    pub struct Core {
        /// The entity, in the form that counts.
        pub entity: Option<Entity> = "entity",
        /// The API roots, most preferred first.
        pub servers: Vec<String> = "servers",
        /// URIs of the licenses that the entity publishes under.
        pub licenses: Vec<String> = "licenses" | "licences",
        /// The version of the protocol, as in `0.2`; absent in 0.1.
        pub tent_version: Option<String> = "tent_version",
        /// What the entity was called before, newest first.
        pub previous_entities: Vec<Entity> = "previous_entities",
        /// Who may see the section.
        pub permissions: Option<Permissions> = "permissions",
        /// The version of the section, from 1.
        pub version: Option<u64> = "version",
    }
}

impl Core {
    /// The servers that can be used, in their order, without doubles.
    pub fn usable_servers(&self) -> Vec<Server> {
        let mut servers: Vec<Server> = Vec::new();
        for server in self.servers.iter().filter_map(|text| text.parse().ok()) {
            if !servers.contains(&server) {
                servers.push(server);
            }
        }
        servers
    }
}

object! {
    /// The basic section of a profile: what people like to know of each other.
    ///
    /// Source: tent.io 0.2, info-types; `docs/protocol.md` §7.10.
    pub struct Basic {
        /// The name.
        pub name: Option<String> = "name",
        /// A picture's URL.
        pub avatar_url: Option<String> = "avatar_url",
        /// `YYYY-MM-DD`, `YYYY-MM`, `MM-DD`, or empty.
        pub birthdate: Option<String> = "birthdate",
        /// Where they are.
        pub location: Option<String> = "location",
        /// Gender, as they put it.
        pub gender: Option<String> = "gender",
        /// What they say of themselves.
        pub bio: Option<String> = "bio",
        /// Their web site.
        pub website_url: Option<String> = "website_url",
        /// Who may see the section.
        pub permissions: Option<Permissions> = "permissions",
        /// The version of the section, from 1.
        pub version: Option<u64> = "version",
    }
}
