//! Reading a profile as the document that an entity's links lead to.

use std::error::Error;
use std::fmt;

use http::HeaderValue;
use tent_discovery::{Document, ReadError, Reader};
use url::Url;

use super::{Dialect, META_POST_RELATION, ROOT_RELATION};
use crate::call::MEDIA_TYPE;
use crate::draft::convert;
use crate::draft::model::Info;
use crate::json::decode;
use crate::model::Core;
use crate::{Entity, Profile, Server};

/// How many servers of a profile are used (`docs/protocol.md` §10.4).
const MAX_SERVERS: usize = 10;

/// What a profile says of its entity.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub(super) dialect: Dialect,
    pub(super) entity: Entity,
    pub(super) servers: Vec<Server>,
    pub(super) tent_version: Option<String>,
    pub(super) profile: Profile,
    pub(super) parts: Vec<Info>,
}

/// Reads a profile, and takes from it what calls need.
#[derive(Debug)]
pub(super) struct ProfileReader;

impl Reader for ProfileReader {
    type Document = Found;

    fn accept(&self, relation: &str) -> HeaderValue {
        if relation == ROOT_RELATION {
            crate::draft::call::JSON
        } else {
            MEDIA_TYPE
        }
    }

    /// The links of the draft lead to API roots.
    fn locate(&self, relation: &str, target: Url) -> Url {
        if relation != ROOT_RELATION {
            return target;
        }
        let root = Server::try_from(target.clone());
        let profile = root.map(|root| root.endpoint("profile").url());
        profile.ok().and_then(Result::ok).unwrap_or(target)
    }

    fn read(&self, document: &Document<'_>) -> Result<Found, ReadError> {
        if document.relation.eq_ignore_ascii_case(META_POST_RELATION) {
            return Err(Unsupported("v0.3").into());
        }
        let body = document.response.body();
        if body.trim_ascii_start().starts_with(b"[") {
            return draft(decode(body)?, document.url);
        }
        let profile: Profile = decode(body)?;
        let core = profile.core()?;
        Ok(Found {
            dialect: Dialect::V0,
            servers: usable(&core, document.url)?,
            entity: core.entity.ok_or("its core section names no entity")?,
            tent_version: core.tent_version,
            profile,
            parts: Vec::new(),
        })
    }
}

/// A profile of the draft: its first core part counts.
fn draft(parts: Vec<Info>, url: &Url) -> Result<Found, ReadError> {
    let mut cores = parts.iter().filter(|part| part.is_core());
    let core = cores.next().ok_or("it is a list without a core part")?;
    let host = core.entity.as_deref();
    let host = host.ok_or("its core part names no entity")?;
    let servers = core.servers.iter().map(|root| convert::uri(root));
    let roots = Core {
        servers: servers.collect(),
        ..Core::default()
    };
    let mut profile = Profile::default();
    for part in &parts {
        // What has no counterpart is among the parts all the same.
        let _ = convert::add_part(&mut profile, part);
    }
    Ok(Found {
        dialect: Dialect::Draft,
        servers: usable(&roots, url)?,
        entity: convert::entity(host)?,
        tent_version: None,
        profile,
        parts,
    })
}

fn usable(core: &Core, profile: &Url) -> Result<Vec<Server>, ReadError> {
    let mut servers = core.usable_servers();
    servers.truncate(MAX_SERVERS);
    if core.servers.is_empty() {
        servers.extend(root_of_profile(profile));
    }
    if servers.is_empty() {
        return Err("its core section names no server that can be used".into());
    }
    Ok(servers)
}

/// The root is what is before `/profile` (`docs/protocol.md` §2.6).
fn root_of_profile(profile: &Url) -> Option<Server> {
    let mut root = profile.clone();
    let path = profile.path().strip_suffix("/profile")?;
    root.set_path(path);
    root.set_query(None);
    root.set_fragment(None);
    root.try_into().ok()
}

/// A dialect that this crate does not speak.
#[derive(Debug)]
struct Unsupported(&'static str);

impl fmt::Display for Unsupported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the server speaks {} of the protocol, which is not supported",
            self.0
        )
    }
}

impl Error for Unsupported {}
