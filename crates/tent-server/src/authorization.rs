//! Authorizations: `/apps/:id/authorizations`.
//!
//! Source: tent.io 0.2, app-auth; `docs/protocol.md` §4.5 to §4.7.

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use tent_proto::call::{ExchangeCode, RevokeAuthorization};
use tent_proto::mac::Algorithm;
use tent_proto::{Scope, Secret, Timestamp, Token};

use crate::answer::Json;
use crate::app::require_own_or;
use crate::caller::Caller;
use crate::error::ApiError;
use crate::incoming::Incoming;
use crate::secret;
use crate::server::Shared;
use crate::storage::Exchange;

/// Exchanges a code, or a refresh token. Either works once; of two that come at once, one wins.
pub(crate) async fn exchange(
    State(server): State<Shared>,
    caller: Caller,
    call: Result<Incoming<ExchangeCode>, ApiError>,
) -> Result<Response, ApiError> {
    if caller.has(&Scope::WriteApps) && caller.has(&Scope::WriteSecrets) {
        return Err(ApiError::not_yet(
            "authorizations that an app creates directly",
        ));
    }
    let Incoming(call) = call?;
    let token = redeem(&server, &caller, call).await?;
    Ok(Json::new(&token)?.unstored())
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
