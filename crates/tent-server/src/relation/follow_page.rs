//! `GET /follow?entity=…`: where links to follow somebody lead, on the pages of others.
//!
//! Source: `docs/protocol.md` §6.4.

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;

use crate::error::ApiError;
use crate::page;
use crate::query::Query;
use crate::redirect;
use crate::server::Shared;

/// Leads the browser on to the app with which the owner follows others.
pub(crate) async fn show(State(server): State<Shared>, query: Query) -> Result<Response, ApiError> {
    let entity = query.filled("entity");
    let entity = entity.ok_or_else(|| ApiError::bad_request("the link names no entity"))?;
    let found = server
        .database
        .follow_url(server.account.key, server.now())
        .await?;
    let url = found.ok_or_else(ApiError::not_found)?;
    let mut response = page::see_other(&redirect::with_pairs(&url, &[("entity", entity)]));
    *response.status_mut() = StatusCode::FOUND;
    Ok(response)
}
