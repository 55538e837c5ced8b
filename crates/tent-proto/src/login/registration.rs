//! An app that is registered with an entity's server.

use serde::{Deserialize, Serialize};
use tent_flow::Seed;

use crate::mac::Credentials;
use crate::{AppId, Dialect, Entity, Server, Session};

/// An app's registration with one entity: what identifies the app there, and the credential that
/// signs its exchange of codes. It never signs on behalf of the person.
///
/// It is to be stored before anything else is done, since its key is shown once. Serializing it
/// writes the key.
///
/// Source: `docs/protocol.md` §3.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Registration {
    /// The entity, in the form that counts.
    pub entity: Entity,
    /// Its servers, most preferred first.
    pub servers: Vec<Server>,
    /// The app's id there.
    pub app: AppId,
    /// The registration credential.
    pub credentials: Credentials,
    /// The dialect that the servers speak.
    #[serde(default, skip_serializing_if = "Dialect::is_v0")]
    pub dialect: Dialect,
}

impl Registration {
    /// A registration of these parts, with servers that speak v0.1 or v0.2.
    pub const fn new(
        entity: Entity,
        servers: Vec<Server>,
        app: AppId,
        credentials: Credentials,
    ) -> Self {
        Self {
            entity,
            servers,
            app,
            credentials,
            dialect: Dialect::V0,
        }
    }

    /// With servers that speak this dialect.
    #[must_use]
    pub fn in_dialect(mut self, dialect: Dialect) -> Self {
        self.dialect = dialect;
        self
    }

    /// Puts one of the servers before the others, since it is known to answer: it is the one whose
    /// page the person will be sent to.
    ///
    /// Source: `docs/protocol.md` §2.8.
    pub fn prefer(&mut self, server: &Server) {
        if let Some(index) = self.servers.iter().position(|other| other == server) {
            self.servers[..=index].rotate_right(1); // `index` is that of an element
        }
    }

    /// A session whose calls are signed as the app, to read, update and delete the registration and
    /// to revoke what was granted.
    pub fn session(&self, seed: Seed) -> Session {
        Session::new(
            self.entity.clone(),
            self.servers.clone(),
            self.credentials.clone(),
            seed,
        )
    }
}
