//! Authorizations: `/apps/:id/authorizations`.
//!
//! Source: tent.io 0.2, app-auth; `docs/protocol.md` §4.5 to §4.7.

use axum::extract::{FromRequest, Request};
use axum::response::Response;
use http::StatusCode;
use tent_proto::call::{
    CreateAuthorization, ExchangeCode, Receive, RevokeAuthorization, UpdateAuthorization,
};
use tent_proto::model::Authorization;
use tent_proto::{Scope, Secret, Timestamp, Token};

use crate::answer::Json;
use crate::app::{imported, require_own_or, shown_authorization};
use crate::caller::Caller;
use crate::error::ApiError;
use crate::incoming::{self, Incoming};
use crate::page;
use crate::secret;
use crate::server::{self, Addressed, Shared};
use crate::storage::{Exchange, Grant, GrantChange, NewAuthorization};

/// What is posted: a code, or what an app grants another. The body does not tell, the caller does.
pub(crate) struct Posted {
    code: Result<ExchangeCode, ApiError>,
    grant: Result<CreateAuthorization, ApiError>,
}

impl FromRequest<()> for Posted {
    type Rejection = ApiError;

    async fn from_request(request: Request, (): &()) -> Result<Self, ApiError> {
        let server = &server::of(request.extensions())?;
        incoming::read(request, server, incoming::LIMIT, |received| {
            Ok(Self {
                code: ExchangeCode::receive(received).map_err(Into::into),
                grant: CreateAuthorization::receive(received).map_err(Into::into),
            })
        })
        .await
    }
}

/// Exchanges a code, or a refresh token. Either works once; of two that come at once, one wins. A code
/// that comes again ends what came of it (RFC 6749 §4.1.2). An app that manages others grants them
/// something without one.
pub(crate) async fn create(
    Addressed(server): Addressed,
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
    check(&given)?;
    let credentials = match (&given.mac_key_id, &given.mac_key) {
        (None, None) => secret::credentials('u')?,
        _ => imported('u', given.credentials())?,
    };
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
        follow_url: given.follow_url,
        credentials,
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

/// Changes what was granted. What is left out stays; a list that came empty becomes empty.
pub(crate) async fn update(
    Addressed(server): Addressed,
    caller: Caller,
    call: Result<Incoming<UpdateAuthorization>, ApiError>,
) -> Result<Json, ApiError> {
    caller.require(&Scope::WriteApps)?;
    let Incoming(call) = call?;
    let given = call.authorization;
    check(&given)?;
    let came_empty = |name| given.extra.get(name) == Some("[]");
    let scopes = !given.scopes.is_empty() || came_empty("scopes");
    let post_types = !given.post_types.is_empty() || came_empty("post_types");
    let info_types = !given.profile_info_types.is_empty() || came_empty("profile_info_types");
    let change = GrantChange {
        scopes: scopes.then_some(given.scopes),
        post_types: post_types.then_some(given.post_types),
        profile_info_types: info_types.then_some(given.profile_info_types),
        notification_url: given.notification_url,
        follow_url: given.follow_url,
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
/// When notifications, or people, would go to what is no web address.
fn check(given: &Authorization) -> Result<(), ApiError> {
    let is_no_page = |url: &Option<String>| url.as_ref().is_some_and(|url| !page::is_web(url));
    if is_no_page(&given.notification_url) {
        return Err(ApiError::invalid("the notification URL is no web address"));
    }
    if is_no_page(&given.follow_url) {
        return Err(ApiError::invalid("the follow URL is no web address"));
    }
    Ok(())
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
        credentials: secret::credentials('u')?,
    };
    let exchanged = server.database.exchange(exchange, caller.stamp()).await?;
    let exchanged = exchanged.ok_or_else(ApiError::unauthorized)?;
    let credentials = exchanged.credentials;
    tracing::info!(%app, id = credentials.id(), "a code was exchanged");
    let mut token = Token::default();
    token.access_token = Some(credentials.id().to_owned());
    token.mac_key = Some(credentials.key().clone());
    token.mac_algorithm = Some(credentials.algorithm().to_string());
    token.token_type = Some("mac".to_owned());
    token.refresh_token = Some(Secret::new(refresh_token));
    token.tent_expires_at = exchanged.expires_at.map(Timestamp::from_epoch_seconds);
    Ok(token)
}

pub(crate) async fn delete(
    Addressed(server): Addressed,
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
