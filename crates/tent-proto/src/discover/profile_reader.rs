//! Reading a profile as the document that an entity's links lead to.

use std::error::Error;
use std::fmt;

use http::HeaderValue;
use tent_discovery::{Document, ReadError, Reader};
use url::Url;

use super::META_POST_RELATION;
use crate::call::MEDIA_TYPE;
use crate::json::decode;
use crate::{Entity, Profile, Server};

/// How many servers of a profile are used (`docs/protocol.md` §10.4).
const MAX_SERVERS: usize = 10;

/// What a profile says of its entity.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub(super) entity: Entity,
    pub(super) servers: Vec<Server>,
    pub(super) tent_version: Option<String>,
    pub(super) profile: Profile,
}

/// Reads a profile, and takes from it what calls need.
#[derive(Debug)]
pub(super) struct ProfileReader;

impl Reader for ProfileReader {
    type Document = Found;

    fn accept(&self) -> HeaderValue {
        MEDIA_TYPE
    }

    fn read(&self, document: &Document<'_>) -> Result<Found, ReadError> {
        if document.relation.eq_ignore_ascii_case(META_POST_RELATION) {
            return Err(Unsupported("v0.3").into());
        }
        let body = document.response.body();
        if body.trim_ascii_start().starts_with(b"[") {
            return Err(Unsupported("the draft before v0.1").into());
        }
        let profile: Profile = decode(body)?;
        let core = profile.core()?;
        let mut servers = core.usable_servers();
        servers.truncate(MAX_SERVERS);
        if core.servers.is_empty() {
            servers.extend(root_of_profile(document.url));
        }
        if servers.is_empty() {
            return Err("its core section names no server that can be used".into());
        }
        Ok(Found {
            entity: core.entity.ok_or("its core section names no entity")?,
            servers,
            tent_version: core.tent_version,
            profile,
        })
    }
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
