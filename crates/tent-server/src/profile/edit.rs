//! Sections that change and go: `PUT` and `DELETE /profile/:type`.
//!
//! Source: tent.io 0.2, app-server; `docs/protocol.md` §6.2.

use std::collections::BTreeMap;

use http::StatusCode;
use serde_json::value::RawValue;
use tent_proto::call::{DeleteProfileSection, PutProfileSection};
use tent_proto::model::{Core, Permissions, ProfileChange};
use tent_proto::{Scope, TypeUri};

use crate::answer::Json;
use crate::caller::{Caller, holds};
use crate::error::ApiError;
use crate::incoming::Incoming;
use crate::post::{self, audience};
use crate::server::{Addressed, Shared};
use crate::storage::{SectionChange, Stamp};

/// Replaces a section, or adds it. The answer is the whole profile.
pub(crate) async fn put(
    Addressed(server): Addressed,
    caller: Caller,
    Incoming(call): Incoming<PutProfileSection>,
) -> Result<Json, ApiError> {
    may_write(&caller, &call.section)?;
    replace(&server, call, caller.stamp()).await?;
    super::whole(&server, &caller).await
}

/// Replaces a section, or adds it, for somebody who may.
pub(crate) async fn replace(
    server: &Shared,
    call: PutProfileSection,
    stamp: Option<Stamp>,
) -> Result<(), ApiError> {
    if call.section.version().is_none() || call.section.is_all() {
        return Err(ApiError::invalid(
            "the type of a section needs a version, as in …/v0.1.0",
        ));
    }
    let mut members: BTreeMap<String, Box<RawValue>> = call
        .content
        .read()
        .map_err(|error| ApiError::invalid(error.to_string()))?;
    let permissions = members.remove("permissions");
    let permissions = permissions.filter(|permissions| permissions.get() != "null");
    let permissions: Option<Permissions> = permissions
        .map(|permissions| serde_json::from_str(permissions.get()))
        .transpose()
        .map_err(|error| ApiError::invalid(format!("the permissions cannot be read: {error}")))?;
    if let Some(permissions) = &permissions {
        post::require_groups(server, &audience(Some(permissions)).groups).await?;
    }
    let content = serde_json::to_string(&members).map_err(|error| ApiError::internal(&error))?;
    if is_core(&call.section) {
        check_core(server, &content, permissions.as_ref())?;
    }
    let notice = ProfileChange::new("update", [call.section.clone()]);
    let notice = post::notice(server, notice)?;
    let change = SectionChange {
        section_type: call.section.clone(),
        content,
        audience: permissions.map(|permissions| audience(Some(&permissions))),
    };
    server
        .database
        .change_section(server.account.key, change, notice, server.now(), stamp)
        .await?;
    tracing::info!(section = %call.section, "a section of the profile was changed");
    Ok(())
}

pub(crate) async fn delete(
    Addressed(server): Addressed,
    caller: Caller,
    Incoming(call): Incoming<DeleteProfileSection>,
) -> Result<StatusCode, ApiError> {
    may_write(&caller, &call.section)?;
    if is_core(&call.section) {
        return Err(ApiError::invalid(
            "without its core section nobody could find the entity",
        ));
    }
    let version = call.version.map(u32::try_from).transpose();
    let version = version.map_err(|_| ApiError::not_found())?;
    let base = call.section.base().to_owned();
    let deleted = server
        .database
        .delete_section(server.account.key, base, version, caller.stamp())
        .await?;
    if deleted {
        Ok(StatusCode::OK)
    } else {
        Err(ApiError::not_found())
    }
}

/// # Errors
///
/// When the caller was not granted to write sections of this type.
pub(crate) fn may_write(caller: &Caller, section: &TypeUri) -> Result<(), ApiError> {
    let grant = caller.require(&Scope::WriteProfile)?;
    if holds(&grant.profile_info_types, section) {
        Ok(())
    } else {
        Err(ApiError::unauthorized())
    }
}

fn is_core(section: &TypeUri) -> bool {
    section.base() == TypeUri::core().base()
}

/// The core section must go on leading to this server, for everybody.
fn check_core(
    server: &Shared,
    content: &str,
    permissions: Option<&Permissions>,
) -> Result<(), ApiError> {
    let core: Core = serde_json::from_str(content)
        .map_err(|error| ApiError::invalid(format!("the core section cannot be read: {error}")))?;
    if core.entity.as_ref() != Some(&server.account.entity) {
        return Err(ApiError::invalid(
            "the entity of the core section cannot change",
        ));
    }
    let root = server.root.as_str();
    let leads_here = |servers: &str| servers.trim_end_matches('/') == root;
    if !core.servers.iter().any(|servers| leads_here(servers)) {
        return Err(ApiError::invalid(format!(
            "the servers of the core section must hold {root}"
        )));
    }
    if permissions.is_some_and(|permissions| !permissions.is_public()) {
        return Err(ApiError::invalid("the core section is for everybody"));
    }
    Ok(())
}
