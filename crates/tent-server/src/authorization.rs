//! Authorizations: `/apps/:id/authorizations`.
//!
//! Source: tent.io 0.2, app-auth; `docs/protocol.md` §4.5 to §4.7.

use axum::extract::{FromRequest, Request, State};
use axum::response::Response;
use http::StatusCode;
use tent_proto::call::{
    CreateAuthorization, ExchangeCode, Receive, RevokeAuthorization, UpdateAuthorization,
};
use tent_proto::mac::{Algorithm, Credentials};
use tent_proto::model::Authorization;
use tent_proto::{Scope, Secret, Timestamp, Token};

use crate::answer::Json;
use crate::app::{require_own_or, shown_authorization};
use crate::caller::Caller;
use crate::error::ApiError;
use crate::incoming::{self, Incoming};
use crate::secret;
use crate::server::Shared;
use crate::storage::{Exchange, Grant, GrantChange, NewAuthorization};

/// What is posted: a code, or what an app grants another. The body does not tell, the caller does.
pub(crate) struct Posted {
    code: Result<ExchangeCode, ApiError>,
    grant: Result<CreateAuthorization, ApiError>,
}

impl FromRequest<Shared> for Posted {
    type Rejection = ApiError;

    async fn from_request(request: Request, server: &Shared) -> Result<Self, ApiError> {
        incoming::read(request, server, incoming::LIMIT, |received| {
            Ok(Self {
                code: ExchangeCode::receive(received).map_err(Into::into),
                grant: CreateAuthorization::receive(received).map_err(Into::into),
            })
        })
        .await
    }
}

/// Exchanges a code, or a refresh token. Either works once; of two that come at once, one wins. An app
/// that manages others grants them something without one.
pub(crate) async fn create(
    State(server): State<Shared>,
    caller: Caller,
    posted: Result<Posted, ApiError>,
) -> Result<Response, ApiError> {
    let is_manager = caller.has(&Scope::WriteApps) && caller.has(&Scope::WriteSecrets);
    let Posted { code, grant } = posted?;
    if is_manager {
        return self::grant(&server, &caller, grant?).await;
    }
    let token = redeem(&server, &caller, code?).await?;
    Ok(Json::new(&token)?.unstored())
}

async fn grant(
    server: &Shared,
    caller: &Caller,
    call: CreateAuthorization,
) -> Result<Response, ApiError> {
    let given = call.authorization;
    check(given.notification_url.as_deref())?;
    let credentials = credentials(&given)?;
    let (account, now) = (server.account.key, server.now());
    let new = NewAuthorization {
        id: match given.id.filter(|id| !id.as_str().is_empty()) {
            Some(id) => id,
            None => secret::id()?.into(),
        },
        grant: Grant {
            scopes: given.scopes,
            post_types: given.post_types,
            profile_info_types: given.profile_info_types,
            notification_url: given.notification_url,
        },
        mac_key_id: credentials.id().to_owned(),
        mac_key: credentials.key().clone(),
        refresh_token: secret::hash(&secret::token()?),
        now,
    };
    let app = server.database.app(account, call.app.clone(), now).await?;
    app.ok_or_else(ApiError::not_found)?;
    let stored = server
        .database
        .create_authorization(account, call.app.clone(), new, caller.stamp())
        .await?;
    let taken = || ApiError::new(StatusCode::CONFLICT, "the id or the MAC id is taken");
    let stored = stored.ok_or_else(taken)?;
    tracing::info!(app = %call.app, "an authorization was created");
    Ok(Json::new(&shown_authorization(stored, true))?.unstored())
}

/// The credential that is given, or else a new one.
fn credentials(given: &Authorization) -> Result<Credentials, ApiError> {
    if given.mac_key_id.is_none() && given.mac_key.is_none() {
        let credentials = Credentials::new(
            secret::mac_id('u')?,
            secret::mac_key()?,
            Algorithm::HmacSha256,
        );
        return credentials.map_err(|error| ApiError::internal(&error));
    }
    let given = given.credentials();
    let given = given.map_err(|error| ApiError::invalid(error.to_string()))?;
    // Those of apps and of other servers are looked for elsewhere.
    let is_elsewhere = given.id().starts_with(['a', 's']);
    if is_elsewhere || given.algorithm() != Algorithm::HmacSha256 {
        let text = "an app signs with hmac-sha-256, and its MAC id begins with u";
        return Err(ApiError::invalid(text));
    }
    Ok(given)
}

/// Changes what was granted. What is left out stays; a list that came empty becomes empty.
pub(crate) async fn update(
    State(server): State<Shared>,
    caller: Caller,
    call: Result<Incoming<UpdateAuthorization>, ApiError>,
) -> Result<Json, ApiError> {
    caller.require(&Scope::WriteApps)?;
    let Incoming(call) = call?;
    let given = call.authorization;
    check(given.notification_url.as_deref())?;
    let came_empty = |name| given.extra.get(name) == Some("[]");
    let scopes = !given.scopes.is_empty() || came_empty("scopes");
    let post_types = !given.post_types.is_empty() || came_empty("post_types");
    let info_types = !given.profile_info_types.is_empty() || came_empty("profile_info_types");
    let change = GrantChange {
        scopes: scopes.then_some(given.scopes),
        post_types: post_types.then_some(given.post_types),
        profile_info_types: info_types.then_some(given.profile_info_types),
        notification_url: given.notification_url,
    };
    let account = server.account.key;
    let changed = server
        .database
        .update_authorization(account, call.app, call.id, change, caller.stamp())
        .await?;
    let changed = changed.ok_or_else(ApiError::not_found)?;
    Json::new(&shown_authorization(changed, false))
}

/// # Errors
///
/// When notifications would go to what is no web address.
fn check(notification_url: Option<&str>) -> Result<(), ApiError> {
    let is_web = |text: &str| {
        url::Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
    };
    match notification_url {
        Some(text) if !is_web(text) => {
            Err(ApiError::invalid("the notification URL is no web address"))
        }
        _ => Ok(()),
    }
}

/// Turns a code, or a refresh token, into a credential.
pub(crate) async fn redeem(
    server: &Shared,
    caller: &Caller,
    call: ExchangeCode,
) -> Result<Token, ApiError> {
    let app = call.app;
    if !caller.is_app(&app) {
        return Err(ApiError::unauthorized());
    }
    let refresh_token = secret::token()?;
    let exchange = Exchange {
        account: server.account.key,
        app: app.clone(),
        code: secret::hash(call.code.expose()),
        redirect_uri: call.redirect_uri,
        now: server.now(),
        expires_at: call.expires_at.map(Timestamp::epoch_seconds),
        next_refresh_token: secret::hash(&refresh_token),
        id: secret::id()?.into(),
        mac_key_id: secret::mac_id('u')?,
        mac_key: secret::mac_key()?,
    };
    let exchanged = server.database.exchange(exchange, caller.stamp()).await?;
    let exchanged = exchanged.ok_or_else(ApiError::unauthorized)?;
    tracing::info!(%app, id = exchanged.mac_key_id, "a code was exchanged");
    let mut token = Token::default();
    token.access_token = Some(exchanged.mac_key_id);
    token.mac_key = Some(exchanged.mac_key);
    token.mac_algorithm = Some(Algorithm::HmacSha256.to_string());
    token.token_type = Some("mac".to_owned());
    token.refresh_token = Some(Secret::new(refresh_token));
    token.tent_expires_at = exchanged.expires_at.map(Timestamp::from_epoch_seconds);
    Ok(token)
}

pub(crate) async fn delete(
    State(server): State<Shared>,
    caller: Caller,
    Incoming(RevokeAuthorization { app, id, .. }): Incoming<RevokeAuthorization>,
) -> Result<StatusCode, ApiError> {
    require_own_or(&caller, &app, &Scope::WriteApps)?;
    let key = server.account.key;
    let found = server
        .database
        .delete_authorization(key, app.clone(), id, caller.stamp())
        .await?;
    tracing::info!(%app, found, "an authorization was revoked");
    if found {
        Ok(StatusCode::OK)
    } else {
        Err(ApiError::not_found())
    }
}
