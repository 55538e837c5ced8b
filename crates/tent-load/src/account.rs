//! Who the load comes from: one app for each entity.

use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};
use tent_flow::Seed;
use tent_proto::mac::{Algorithm, Credentials};
use tent_proto::{Entity, Policy, PostId, Server, Session};

use crate::Outcome;

/// An app of an entity, and some posts that it can ask for. It is written to a file that its owner alone
/// reads, since it holds the key.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Account {
    pub(crate) entity: Entity,
    mac_key_id: String,
    mac_key: String,
    pub(crate) posts: Vec<PostId>,
}

impl Account {
    pub(crate) fn new(entity: Entity, credentials: &Credentials, posts: Vec<PostId>) -> Self {
        Self {
            entity,
            mac_key_id: credentials.id().to_owned(),
            mac_key: credentials.key().expose().to_owned(),
            posts,
        }
    }

    /// A session with these servers, or with the entity's own. What fails is not tried again: it is to be
    /// counted.
    pub(crate) fn session(&self, servers: &[Server], seed: Seed) -> Outcome<Session> {
        let credentials = Credentials::new(
            self.mac_key_id.clone(),
            self.mac_key.clone(),
            Algorithm::HmacSha256,
        )?;
        let servers = match servers {
            [] => vec![self.entity.as_str().parse()?],
            servers => servers.to_vec(),
        };
        let session = Session::new(self.entity.clone(), servers, credentials, seed);
        Ok(session.with_policy(Policy::off()))
    }
}

/// Reads accounts, one on each line.
pub(crate) fn read(file: &Path) -> Outcome<Vec<Account>> {
    let text = fs::read_to_string(file)?;
    let accounts = text.lines().map(serde_json::from_str);
    Ok(accounts.collect::<Result<_, _>>()?)
}

/// Writes accounts, one on each line.
pub(crate) fn write(file: &Path, accounts: &[Account]) -> Outcome {
    let mut lines = tempfile::NamedTempFile::new_in(file.parent().unwrap_or(Path::new(".")))?;
    for account in accounts {
        serde_json::to_writer(&mut lines, account)?;
        std::io::Write::write_all(&mut lines, b"\n")?;
    }
    lines.persist(file)?;
    Ok(())
}
