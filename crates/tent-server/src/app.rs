//! Apps: `/apps` and `/apps/:id`.
//!
//! Source: tent.io 0.2, app-auth; `docs/protocol.md` §3.

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::Serialize;
use tent_proto::call::{DeleteApp, GetApp, ListApps, RegisterApp, UpdateApp};
use tent_proto::json::DecodeError;
use tent_proto::mac::Credentials;
use tent_proto::model::{App, Authorization};
use tent_proto::{AppId, Scope, Timestamp};

use crate::answer::Json;
use crate::caller::Caller;
use crate::error::ApiError;
use crate::incoming::Incoming;
use crate::redirect;
use crate::secret;
use crate::server::{Addressed, Shared};
use crate::storage::{AppChange, Registration, Stamp, StoredAuthorization};

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
fn change(app: App, credentials: Option<Credentials>) -> AppChange {
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
        credentials,
    }
}

/// Registers an app, or brings one in from another server, with its id and its credential.
pub(crate) async fn create(
    Addressed(server): Addressed,
    caller: Caller,
    Incoming(RegisterApp { app, .. }): Incoming<RegisterApp, LIMIT>,
) -> Result<Response, ApiError> {
    let may_import = caller.has(&Scope::WriteApps) && caller.has(&Scope::WriteSecrets);
    let id = app.id.clone();
    let id = id.filter(|id| may_import && !id.as_str().is_empty());
    let id = id.map_or_else(|| secret::id().map(AppId::from), Ok)?;
    let credentials = match given(&app) {
        Some(given) if may_import => imported('a', given)?,
        _ => secret::credentials('a')?,
    };
    let app = register(&server, app, id, &credentials, caller.stamp()).await?;
    respond(&shown(app, true), true)
}

/// The credential that comes with an app, if one does.
fn given(app: &App) -> Option<Result<Credentials, DecodeError>> {
    let is_given = app.mac_key_id.is_some() || app.mac_key.is_some();
    is_given.then(|| app.credentials())
}

/// A credential from elsewhere. Whose it is has to show by the letter that its id begins with.
pub(crate) fn imported(
    letter: char,
    given: Result<Credentials, DecodeError>,
) -> Result<Credentials, ApiError> {
    let given = given.map_err(|error| ApiError::invalid(error.to_string()))?;
    if !given.id().starts_with(letter) {
        let text = format!("the MAC id does not begin with {letter}");
        return Err(ApiError::invalid(text));
    }
    Ok(given)
}

/// Registers an app under this id, with this credential.
pub(crate) async fn register(
    server: &Shared,
    app: App,
    id: AppId,
    credentials: &Credentials,
    stamp: Option<Stamp>,
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
        credentials: credentials.clone(),
        authorizations: Vec::new(),
    };
    let account = server.account.key;
    let created = server.database.create_app(account, app.clone(), stamp);
    if !created.await? {
        return Err(taken());
    }
    tracing::info!(app = %app.id, name = app.name, "an app registered");
    Ok(app)
}

fn taken() -> ApiError {
    ApiError::new(StatusCode::CONFLICT, "the id or the MAC id is taken")
}

pub(crate) async fn list(
    Addressed(server): Addressed,
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
    Addressed(server): Addressed,
    caller: Caller,
    Incoming(call): Incoming<GetApp>,
) -> Result<Response, ApiError> {
    require_own_or(&caller, &call.id, &Scope::ReadApps)?;
    let with_secrets = call.secrets && caller.has(&Scope::ReadSecrets);
    answer(&server, call.id, with_secrets).await
}

pub(crate) async fn update(
    Addressed(server): Addressed,
    caller: Caller,
    Incoming(UpdateApp { id, app, .. }): Incoming<UpdateApp, LIMIT>,
) -> Result<Response, ApiError> {
    require_own_or(&caller, &id, &Scope::WriteApps)?;
    check(&app)?;
    let may_import = caller.has(&Scope::WriteApps) && caller.has(&Scope::WriteSecrets);
    let given = given(&app).filter(|_| may_import);
    let credentials = given.map(|given| imported('a', given)).transpose()?;
    let change = change(app, credentials);
    let changed = server
        .database
        .update_app(server.account.key, id.clone(), change, caller.stamp())
        .await?;
    let answer = answer(&server, id, false).await?;
    if changed { Ok(answer) } else { Err(taken()) }
}

pub(crate) async fn delete(
    Addressed(server): Addressed,
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
        shown.mac_key_id = Some(app.credentials.id().to_owned());
        shown.mac_key = Some(app.credentials.key().clone());
        shown.mac_algorithm = Some(app.credentials.algorithm().to_string());
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
        shown.mac_key_id = Some(one.credentials.id().to_owned());
        shown.mac_key = Some(one.credentials.key().clone());
        shown.mac_algorithm = Some(one.credentials.algorithm().to_string());
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
