//! The profile as a list of parts: `/profile`.
//!
//! Source: `docs/protocol.md` §8.2 and §8.4.

use serde_json::value::RawValue;
use tent_proto::call::PutProfileSection;
use tent_proto::draft::call::{GetProfile, UpdateProfile};
use tent_proto::draft::convert::Converter;
use tent_proto::draft::model::Info;
use tent_proto::model::{Content, Profile};
use tent_proto::{Server, TypeUri};

use super::{Incoming, root, unsaid};
use crate::answer::Json;
use crate::caller::Caller;
use crate::error::ApiError;
use crate::profile::{edit, sees};
use crate::server::{Addressed, Shared};

pub(super) async fn read(
    Addressed(server): Addressed,
    caller: Caller,
    _: Incoming<GetProfile>,
) -> Result<Json, ApiError> {
    Json::new(&seen(&server, &caller).await?)
}

/// Replaces the parts that are not what they are already; others stay. Nothing changes unless the caller
/// may change all of these.
pub(super) async fn update(
    Addressed(server): Addressed,
    caller: Caller,
    Incoming(call): Incoming<UpdateProfile>,
) -> Result<Json, ApiError> {
    let known = seen(&server, &caller).await?;
    let roots = (root(&server)?, server.root.clone());
    let mut changes = Vec::new();
    for mut part in call.profile {
        if known.contains(&part) {
            continue;
        }
        translate(&mut part, &roots.0, &roots.1);
        let profile = Converter::new().profile_to_v0(&[part]);
        let profile = profile.map_err(|error| unsaid(&error))?;
        for (section, content) in profile.iter() {
            edit::may_write(&caller, section)?;
            let content = Content::from_json(content);
            let content = content.map_err(|error| ApiError::internal(&error))?;
            changes.push(PutProfileSection::new(section.clone(), content));
        }
    }
    let mut stamp = caller.stamp();
    for change in changes {
        edit::replace(&server, change, stamp.take()).await?;
    }
    Json::new(&seen(&server, &caller).await?)
}

/// The parts that the caller sees. What the draft cannot say is left out.
async fn seen(server: &Shared, caller: &Caller) -> Result<Vec<Info>, ApiError> {
    let root = root(server)?;
    let sections = server.database.sections(server.account.key).await?;
    let mut parts = Vec::new();
    for section in sections.iter().filter(|section| sees(caller, section)) {
        let profile = alone(&section.section_type, &section.content);
        let profile = profile.map_err(|error| ApiError::internal(&error))?;
        parts.extend(
            Converter::new()
                .profile_from_v0(&profile)
                .unwrap_or_default(),
        );
    }
    for part in &mut parts {
        translate(part, &server.root, &root);
    }
    parts.sort_by_key(|part| !part.is_core()); // stable
    Ok(parts)
}

fn alone(section: &TypeUri, content: &str) -> Result<Profile, serde_json::Error> {
    let mut profile = Profile::default();
    let content: Box<RawValue> = serde_json::from_str(content)?;
    profile.set(section.clone(), &content)?;
    Ok(profile)
}

/// In the core part, names one API root of this server instead of another: each dialect has its own.
fn translate(part: &mut Info, from: &Server, to: &Server) {
    if !part.is_core() {
        return;
    }
    let path = |text: &str| text.trim_end_matches('/').to_owned();
    let from = path(from.as_str());
    for server in &mut part.servers {
        if path(server) == from {
            to.as_str().clone_into(server);
        }
    }
}
