//! The profile: `/profile` and `/profile/:type`.
//!
//! Source: tent.io 0.2, app-server; `docs/protocol.md` §6.2 and §7.10.

pub(crate) mod edit;

use std::collections::BTreeMap;

use serde_json::json;
use serde_json::value::{RawValue, to_raw_value};
use tent_proto::call::{GetProfile, GetProfileSection};
use tent_proto::{Scope, TypeUri};

use crate::answer::Json;
use crate::caller::{Caller, holds};
use crate::error::ApiError;
use crate::incoming::Incoming;
use crate::server::{Addressed, Shared};
use crate::storage::{Audience, Section};

pub(crate) async fn read(
    Addressed(server): Addressed,
    caller: Caller,
    _: Incoming<GetProfile>,
) -> Result<Json, ApiError> {
    whole(&server, &caller).await
}

/// What the caller sees of the profile.
async fn whole(server: &Shared, caller: &Caller) -> Result<Json, ApiError> {
    let sections = server.database.sections(server.account.key).await?;
    let mut profile = BTreeMap::new();
    for section in sections.iter().filter(|section| sees(caller, section)) {
        profile.insert(section.section_type.as_str(), shown(section, caller)?);
    }
    Json::new(&profile)
}

pub(crate) async fn section(
    Addressed(server): Addressed,
    caller: Caller,
    Incoming(call): Incoming<GetProfileSection>,
) -> Result<Json, ApiError> {
    let account = server.account.key;
    let found = match call.version.map(u32::try_from) {
        None => {
            let mut sections = server.database.sections(account).await?.into_iter();
            sections.find(|section| section.section_type.base() == call.section.base())
        }
        Some(version) => {
            let version = version.map_err(|_| ApiError::not_found())?;
            let base = call.section.base().to_owned();
            server
                .database
                .section_version(account, base, version)
                .await?
        }
    };
    let section = found.filter(|section| sees(&caller, section));
    let section = section.ok_or_else(ApiError::not_found)?;
    Ok(Json::text(shown(&section, &caller)?.get().to_owned()))
}

/// Whether the caller sees the section: it is public or shared, or of a type that was granted.
pub(crate) fn sees(caller: &Caller, section: &Section) -> bool {
    let is_shared = caller.as_server().is_some_and(|(entity, groups)| {
        let Audience {
            entities,
            groups: allowed,
            ..
        } = &section.audience;
        entities.contains_key(entity) || groups.iter().any(|group| allowed.contains(group))
    });
    let is_granted = caller.grant().is_some_and(|grant| {
        let may_read = grant.has(&Scope::ReadProfile) || grant.has(&Scope::WriteProfile);
        may_read && holds(&grant.profile_info_types, &section.section_type)
    });
    section.audience.public || is_shared || is_granted
}

/// A section as answers show it: its own members, and those that the server adds.
fn shown(section: &Section, caller: &Caller) -> Result<Box<RawValue>, ApiError> {
    let shown = || {
        // Names may be escaped, so they cannot be borrowed.
        let mut members: BTreeMap<String, Box<RawValue>> = serde_json::from_str(&section.content)?;
        let permissions = permissions(&section.audience, caller.has(&Scope::ReadPermissions));
        members.insert("permissions".to_owned(), to_raw_value(&permissions)?);
        members.insert("version".to_owned(), to_raw_value(&section.version)?);
        if section.section_type.base() == TypeUri::core().base() {
            members.insert("tent_version".to_owned(), to_raw_value("0.2")?);
        }
        to_raw_value(&members)
    };
    shown().map_err(|error| ApiError::internal(&error))
}

fn permissions(audience: &Audience, is_full: bool) -> serde_json::Value {
    if !is_full {
        return json!({ "public": audience.public });
    }
    let groups = audience.groups.iter().map(|id| json!({ "id": id }));
    json!({
        "public": audience.public,
        "groups": groups.collect::<Vec<_>>(),
        "entities": audience.entities,
    })
}
