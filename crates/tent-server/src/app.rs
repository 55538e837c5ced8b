//! Apps: `/apps` and `/apps/:id`.
//!
//! Source: tent.io 0.2, app-auth; `docs/protocol.md` §3.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::Serialize;
use tent_proto::call::{DeleteApp, GetApp, ListApps, RegisterApp, UpdateApp};
use tent_proto::mac::Algorithm;
use tent_proto::model::{App, Authorization};
use tent_proto::{AppId, Scope, Timestamp};

use crate::answer::Json;
use crate::caller::Caller;
use crate::error::ApiError;
use crate::incoming::Incoming;
use crate::redirect;
use crate::secret;
use crate::server::Shared;
use crate::storage::{AppChange, Registration, StoredAuthorization};

/// How long a registration may be, in bytes: anybody may send some.
pub(crate) const LIMIT: usize = 64 * 1024;

/// Refuses what no app can be called, be at, or send people to.
fn check(app: &App) -> Result<(), ApiError> {
    if app.name.as_ref().is_some_and(|name| name.trim().is_empty()) {
        return Err(ApiError::invalid("the name of the app is empty"));
    }
    if app
        .url
        .as_ref()
        .is_some_and(|url| url::Url::parse(url).is_err())
    {
        return Err(ApiError::invalid("the url of the app is not a URL"));
    }
    let mut uris = app.redirect_uris.iter();
    match uris.find(|uri| !redirect::may_be_registered(uri)) {
        Some(uri) => Err(ApiError::invalid(format!(
            "{uri:?} cannot be a redirect URI"
        ))),
        None => Ok(()),
    }
}

/// Members that are not named stay as they are. A list that came empty becomes empty.
fn change(app: App) -> AppChange {
    let came_empty = |name| matches!(app.extra.get(name), Some("[]" | "{}"));
    let names_uris = !app.redirect_uris.is_empty() || came_empty("redirect_uris");
    let names_scopes = !app.scopes.is_empty() || came_empty("scopes");
    AppChange {
        name: app.name,
        description: app.description,
        url: app.url,
        icon: app.icon,
        redirect_uris: names_uris.then_some(app.redirect_uris),
        scopes: names_scopes.then_some(app.scopes),
    }
}

pub(crate) async fn create(
    State(server): State<Shared>,
    _: Caller,
    Incoming(RegisterApp { app, .. }): Incoming<RegisterApp, LIMIT>,
) -> Result<Response, ApiError> {
    let (id, mac_key_id) = (secret::id()?.into(), secret::mac_id('a')?);
    let app = register(&server, app, id, mac_key_id).await?;
    respond(&shown(app, true), true)
}

/// Registers an app under this id, with a credential of this id.
pub(crate) async fn register(
    server: &Shared,
    app: App,
    id: AppId,
    mac_key_id: String,
) -> Result<Registration, ApiError> {
    check(&app)?;
    let name = app
        .name
        .ok_or_else(|| ApiError::invalid("an app needs a name"))?;
    let url = app
        .url
        .ok_or_else(|| ApiError::invalid("an app needs a url"))?;
    let app = Registration {
        id,
        name,
        description: app.description,
        url,
        icon: app.icon,
        redirect_uris: app.redirect_uris,
        scopes: app.scopes,
        created_at: server.now(),
        mac_key_id,
        mac_key: secret::mac_key()?,
        authorizations: Vec::new(),
    };
    server
        .database
        .create_app(server.account.key, app.clone())
        .await?;
    tracing::info!(app = %app.id, name = app.name, "an app registered");
    Ok(app)
}

pub(crate) async fn list(
    State(server): State<Shared>,
    caller: Caller,
    Incoming(call): Incoming<ListApps>,
) -> Result<Response, ApiError> {
    caller.require(&Scope::ReadApps)?;
    let with_secrets = call.secrets && caller.has(&Scope::ReadSecrets);
    let apps = server
        .database
        .apps(server.account.key, server.now())
        .await?;
    let apps = apps.into_iter().map(|app| shown(app, with_secrets));
    respond(&apps.collect::<Vec<_>>(), with_secrets)
}

pub(crate) async fn read(
    State(server): State<Shared>,
    caller: Caller,
    Incoming(call): Incoming<GetApp>,
) -> Result<Response, ApiError> {
    require_own_or(&caller, &call.id, &Scope::ReadApps)?;
    let with_secrets = call.secrets && caller.has(&Scope::ReadSecrets);
    answer(&server, call.id, with_secrets).await
}

pub(crate) async fn update(
    State(server): State<Shared>,
    caller: Caller,
    Incoming(UpdateApp { id, app, .. }): Incoming<UpdateApp, LIMIT>,
) -> Result<Response, ApiError> {
    require_own_or(&caller, &id, &Scope::WriteApps)?;
    check(&app)?;
    let change = change(app);
    let found = server
        .database
        .update_app(server.account.key, id.clone(), change, caller.stamp())
        .await?;
    if !found {
        return Err(ApiError::not_found());
    }
    answer(&server, id, false).await
}

pub(crate) async fn delete(
    State(server): State<Shared>,
    caller: Caller,
    Incoming(DeleteApp { id, .. }): Incoming<DeleteApp>,
) -> Result<StatusCode, ApiError> {
    require_own_or(&caller, &id, &Scope::WriteApps)?;
    let found = server
        .database
        .delete_app(server.account.key, id.clone(), caller.stamp())
        .await?;
    tracing::info!(app = %id, found, "an app was deleted");
    if found {
        Ok(StatusCode::OK)
    } else {
        Err(ApiError::not_found())
    }
}

/// The app itself, by its registration, or whoever was granted the scope.
pub(crate) fn require_own_or(caller: &Caller, id: &AppId, scope: &Scope) -> Result<(), ApiError> {
    if caller.is_app(id) || caller.has(scope) {
        Ok(())
    } else {
        Err(ApiError::unauthorized())
    }
}

async fn answer(server: &Shared, id: AppId, with_secrets: bool) -> Result<Response, ApiError> {
    let app = server
        .database
        .app(server.account.key, id, server.now())
        .await?;
    let app = app.ok_or_else(ApiError::not_found)?;
    respond(&shown(app, with_secrets), with_secrets)
}

fn respond(apps: &impl Serialize, with_secrets: bool) -> Result<Response, ApiError> {
    let json = Json::new(apps)?;
    Ok(if with_secrets {
        json.unstored()
    } else {
        json.into_response()
    })
}

/// An app as answers show it: empty lists are there, keys only where they belong.
fn shown(app: Registration, with_secrets: bool) -> serde_json::Map<String, serde_json::Value> {
    let mut shown = App::new(app.name, app.url);
    shown.id = Some(app.id);
    shown.description = app.description;
    shown.icon = app.icon;
    shown.redirect_uris = app.redirect_uris;
    shown.scopes = app.scopes;
    shown.created_at = Some(Timestamp::from_epoch_seconds(app.created_at));
    if with_secrets {
        shown.mac_key_id = Some(app.mac_key_id);
        shown.mac_key = Some(app.mac_key);
        shown.mac_algorithm = Some(Algorithm::HmacSha256.to_string());
    }
    let authorizations = app
        .authorizations
        .into_iter()
        .map(|one| shown_authorization(one, with_secrets));
    let authorizations = authorizations.collect::<Vec<_>>();
    let mut members = members(&shown);
    members
        .entry("redirect_uris")
        .or_insert_with(|| serde_json::json!([]));
    members
        .entry("scopes")
        .or_insert_with(|| serde_json::json!({}));
    members.insert("authorizations".to_owned(), authorizations.into());
    members
}

pub(crate) fn shown_authorization(
    one: StoredAuthorization,
    with_secrets: bool,
) -> serde_json::Value {
    let mut shown = Authorization::default();
    shown.id = Some(one.id);
    shown.scopes = one.grant.scopes;
    shown.post_types = one.grant.post_types;
    shown.profile_info_types = one.grant.profile_info_types;
    shown.notification_url = one.grant.notification_url;
    if with_secrets {
        shown.mac_key_id = Some(one.mac_key_id);
        shown.mac_key = Some(one.mac_key);
        shown.mac_algorithm = Some(Algorithm::HmacSha256.to_string());
    }
    let mut members = members(&shown);
    for list in ["scopes", "post_types", "profile_info_types"] {
        members.entry(list).or_insert_with(|| serde_json::json!([]));
    }
    members.into()
}

fn members(object: &impl Serialize) -> serde_json::Map<String, serde_json::Value> {
    // Objects of tent-proto are always written as JSON objects.
    match serde_json::to_value(object) {
        Ok(serde_json::Value::Object(members)) => members,
        _ => serde_json::Map::new(),
    }
}
