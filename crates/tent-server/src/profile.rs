//! The profile: `/profile` and `/profile/:type`.
//!
//! Source: tent.io 0.2, app-server; `docs/protocol.md` §6.2 and §7.10.

use std::collections::BTreeMap;

use axum::extract::State;
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use tent_proto::call::{GetProfile, GetProfileSection};
use tent_proto::{Scope, TypeUri};

use crate::answer::Json;
use crate::caller::{Caller, holds};
use crate::error::ApiError;
use crate::incoming::Incoming;
use crate::server::Shared;
use crate::storage::Section;

pub(crate) async fn read(
    State(server): State<Shared>,
    caller: Caller,
    _: Incoming<GetProfile>,
) -> Result<Json, ApiError> {
    let sections = server.database.sections(server.account.key).await?;
    let mut profile = BTreeMap::new();
    for section in sections
        .into_iter()
        .filter(|section| sees(&caller, section))
    {
        profile.insert(section.section_type.to_string(), shown(&section)?);
    }
    Json::new(&profile)
}

pub(crate) async fn section(
    State(server): State<Shared>,
    caller: Caller,
    Incoming(call): Incoming<GetProfileSection>,
) -> Result<Json, ApiError> {
    let sections = server.database.sections(server.account.key).await?;
    let section = sections
        .into_iter()
        .find(|section| section.section_type.base() == call.section.base());
    let section = section
        .filter(|section| sees(&caller, section))
        .ok_or_else(ApiError::not_found)?;
    let newest = u64::from(section.version);
    match call.version {
        None => {}
        Some(version) if version == newest => {}
        Some(version) if (1..newest).contains(&version) => {
            return Err(ApiError::not_yet("earlier versions of the profile"));
        }
        Some(_) => return Err(ApiError::not_found()),
    }
    Ok(Json::text(shown(&section)?.get().to_owned()))
}

/// Whether the caller sees the section: it is public, or of a type that was granted.
fn sees(caller: &Caller, section: &Section) -> bool {
    section.public
        || caller.grant().is_some_and(|grant| {
            let may_read = grant.has(&Scope::ReadProfile) || grant.has(&Scope::WriteProfile);
            may_read && holds(&grant.profile_info_types, &section.section_type)
        })
}

/// A section as answers show it: its own members, and those that the server adds.
fn shown(section: &Section) -> Result<Box<RawValue>, ApiError> {
    let shown = || {
        let mut members: Map<String, Value> = serde_json::from_str(&section.content)?;
        members.insert(
            "permissions".into(),
            serde_json::json!({ "public": section.public }),
        );
        members.insert("version".into(), section.version.into());
        if section.section_type.base() == TypeUri::core().base() {
            members.insert("tent_version".into(), "0.2".into());
        }
        serde_json::value::to_raw_value(&members)
    };
    shown().map_err(|error| ApiError::internal(&error))
}
