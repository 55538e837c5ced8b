//! The core section.

use super::Section;
use crate::model::Permissions;
use crate::model::object::object;
use crate::{Entity, Server, TypeUri};

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

impl Section for Core {
    fn type_uri() -> TypeUri {
        TypeUri::core()
    }
}
