//! Key files of old clients.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;
use tent_proto::login::{Account, Registration};
use tent_proto::mac::{Algorithm, Credentials, CredentialsError, UnknownAlgorithm};
use tent_proto::{AppId, Entity, Secret, Server};

/// A file in which a client of 2012 kept its keys, often named `keystore.js` or `auth.cfg`: a JSON
/// object that maps each entity to the keys that the client has there.
///
/// ```
/// use tent_store::KeyFile;
///
/// let file = KeyFile::parse(br#"{
///     "https://alice.example": {
///         "appID": "as3yqy",
///         "registration_mac_key_id": "a:1f",
///         "registration_mac_key": "0f1e2d",
///         "permanent_mac_key_id": "u:2e",
///         "permanent_mac_key": "3c4b5a"
///     }
/// }"#)?;
/// for (entity, keys) in file {
///     let keys = keys?;
///     // Discovered anew: `client.run(DiscoverEntity::typed(&entity)?)?` in a program.
///     let servers = vec!["https://tent.alice.example".parse()?];
///     let account = keys.account(entity.parse()?, servers);
///     assert_eq!(account.credentials.id(), "u:2e");
///     // To be proved with `account.session(client.seed()).prove()`, and saved.
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Source: the documentation of tentapp, the Python client; `docs/protocol.md` §3.3.
#[derive(Debug, Clone)]
pub struct KeyFile(BTreeMap<String, Result<OldKeys, OldKeysError>>);

/// What an old client kept for one entity.
///
/// Source: `docs/protocol.md` §3.3.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct OldKeys {
    /// The client's id at the entity's server.
    pub app: AppId,
    /// The registration credential. The oldest files have none.
    pub registration: Option<Credentials>,
    /// The credential that signs on behalf of the person.
    pub grant: Credentials,
}

/// A text that is not a key file. Nothing of it is shown, since that may be a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is not a JSON object of entities and their keys (line {line}, column {column})")]
#[non_exhaustive]
pub struct KeyFileError {
    /// Where it cannot be understood; from 1.
    pub line: usize,
    /// Where in that line; from 1.
    pub column: usize,
}

/// Why what was kept for an entity is of no use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OldKeysError {
    /// It is no object, or a member of it is no text.
    #[error("the keys are not an object of texts")]
    NotKeys,
    /// It lacks the client's id.
    #[error("there is no appID")]
    NoApp,
    /// The client was registered, but the person never approved it.
    #[error("the app was registered, and never approved")]
    NeverApproved,
    /// It has no key.
    #[error("there is no key")]
    NoKey,
    /// A key cannot be used.
    #[error("a key cannot be used")]
    Unusable(#[from] CredentialsError),
    /// A key is for an algorithm that nobody knows.
    #[error("a key cannot be used")]
    Algorithm(#[from] UnknownAlgorithm),
}

impl KeyFile {
    /// Reads a key file.
    ///
    /// # Errors
    ///
    /// When it is not a JSON object. What stands there for an entity has an error of its own.
    pub fn parse(bytes: &[u8]) -> Result<Self, KeyFileError> {
        let entries: BTreeMap<String, &RawValue> =
            serde_json::from_slice(bytes).map_err(|error| KeyFileError {
                line: error.line(),
                column: error.column(),
            })?;
        let entries = entries.into_iter();
        let read = entries.map(|(entity, keys)| (entity, OldKeys::parse(keys.get())));
        Ok(Self(read.collect()))
    }
}

/// The entities as they stand in the file, which need not be the canonical ones, and their keys; in
/// the order of their text.
impl IntoIterator for KeyFile {
    type Item = (String, Result<OldKeys, OldKeysError>);
    type IntoIter = std::collections::btree_map::IntoIter<String, Result<OldKeys, OldKeysError>>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// Members under the names of all versions of the client.
#[derive(Deserialize)]
struct Members {
    #[serde(rename = "appID")]
    app: Option<AppId>,
    registration_mac_key_id: Option<String>,
    registration_mac_key: Option<Secret>,
    permanent_mac_key_id: Option<String>,
    permanent_mac_key: Option<Secret>,
    mac_key_id: Option<String>,
    mac_key: Option<Secret>,
    mac_algorithm: Option<String>,
}

impl OldKeys {
    fn parse(json: &str) -> Result<Self, OldKeysError> {
        // serde would take the elements of an array for members, in their order.
        if !json.starts_with('{') {
            return Err(OldKeysError::NotKeys);
        }
        let members: Members = serde_json::from_str(json).map_err(|_| OldKeysError::NotKeys)?;
        let algorithm = members.mac_algorithm.as_deref().map(str::parse);
        let algorithm = algorithm.transpose()?.unwrap_or_default();
        let registration = credentials(
            members.registration_mac_key_id,
            members.registration_mac_key,
            algorithm,
        )?;
        let permanent = credentials(
            members.permanent_mac_key_id,
            members.permanent_mac_key,
            algorithm,
        )?;
        let grant = match permanent {
            Some(permanent) => Some(permanent),
            None => credentials(members.mac_key_id, members.mac_key, algorithm)?,
        };
        match (grant, members.app) {
            (Some(grant), Some(app)) => Ok(Self {
                app,
                registration,
                grant,
            }),
            (Some(_), None) => Err(OldKeysError::NoApp),
            (None, _) if registration.is_some() => Err(OldKeysError::NeverApproved),
            (None, _) => Err(OldKeysError::NoKey),
        }
    }

    /// The account of an entity with these servers. Whether its credential works is not known yet.
    ///
    /// Where there is no registration credential, the grant stands in its place. It reads and deletes
    /// the app if it has the scopes `read_apps` and `write_apps`, for which the old client asked; but
    /// it exchanges no codes, so another approval needs another registration.
    pub fn account(&self, entity: Entity, servers: Vec<Server>) -> Account {
        let registration = self.registration.as_ref().unwrap_or(&self.grant);
        let registration =
            Registration::new(entity, servers, self.app.clone(), registration.clone());
        Account::new(registration, self.grant.clone())
    }
}

fn credentials(
    id: Option<String>,
    key: Option<Secret>,
    algorithm: Algorithm,
) -> Result<Option<Credentials>, CredentialsError> {
    match (id, key) {
        (Some(id), Some(key)) => Credentials::new(id, key, algorithm).map(Some),
        _ => Ok(None),
    }
}
