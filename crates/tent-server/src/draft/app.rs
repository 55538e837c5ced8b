//! Apps of the draft: `/apps`, `/apps/:id` and `/apps/:id/access_token`. The id of an app is that of its
//! credential.
//!
//! Source: `docs/protocol.md` §8.7.

use axum::response::Response;
use http::StatusCode;
use http::header::LOCATION;
use tent_proto::call;
use tent_proto::draft::call::{ExchangeCode, RegisterApp, UpdateApp};
use tent_proto::draft::model::Registered;

use super::Incoming;
use super::created::location;
use crate::answer::Json;
use crate::caller::Caller;
use crate::error::ApiError;
use crate::server::Addressed;
use crate::{app, authorization, incoming, secret};

pub(super) async fn create(
    Addressed(server): Addressed,
    _: Caller,
    Incoming(RegisterApp { app, .. }): Incoming<RegisterApp>,
) -> Result<Response, ApiError> {
    let credentials = secret::credentials('a')?;
    let id = credentials.id().to_owned();
    app::register(&server, app, id.as_str().into(), &credentials, None).await?;
    let mut registered = Registered::default();
    registered.secret = Some(credentials.key().clone());
    registered.mac_algorithm = Some(credentials.algorithm().to_string());
    let location = location(&server, "apps", &id)?;
    registered.id = Some(id);
    let mut response = Json::new(&registered)?.unstored();
    *response.status_mut() = StatusCode::CREATED;
    response.headers_mut().insert(LOCATION, location);
    Ok(response)
}

pub(super) async fn update(
    server: Addressed,
    caller: Caller,
    Incoming(UpdateApp { id, app, .. }): Incoming<UpdateApp>,
) -> Result<Response, ApiError> {
    let call = incoming::Incoming(call::UpdateApp::new(id, app));
    app::update(server, caller, call).await
}

/// Exchanges a code. The draft has no end of an authorization, and nothing to renew it with.
pub(super) async fn exchange(
    Addressed(server): Addressed,
    caller: Caller,
    Incoming(ExchangeCode { app, code, .. }): Incoming<ExchangeCode>,
) -> Result<Response, ApiError> {
    let call = call::ExchangeCode::new(app, code);
    let mut token = authorization::redeem(&server, &caller, call).await?;
    token.refresh_token = None;
    Ok(Json::new(&token)?.unstored())
}
