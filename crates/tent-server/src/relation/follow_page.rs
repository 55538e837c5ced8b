//! `/follow?entity=…`: where links to follow somebody lead, on the pages of others.
//!
//! They lead on to the app with which the owner follows others. Where there is none, the owner follows
//! here.
//!
//! Source: `docs/protocol.md` §6.4.

use axum::extract::Request;
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use http::request::Parts;
use tent_proto::Entity;
use tent_proto::model::Following;

use super::following;
use crate::error::ApiError;
use crate::owner::{self, Detour};
use crate::page::{self, FollowState};
use crate::query::Query;
use crate::redirect;
use crate::server::{Addressed, Shared};
use crate::storage::{RelationName, Side};

pub(crate) async fn show(
    Addressed(server): Addressed,
    request: Request,
) -> Result<Response, Detour> {
    let (parts, _) = request.into_parts();
    let entity = named(&parts)?;
    let found = server
        .database
        .follow_url(server.account.key, server.now())
        .await?;
    if let Some(url) = found {
        let pairs = [("entity", entity.as_str())];
        let mut response = page::see_other(&redirect::with_pairs(&url, &pairs));
        *response.status_mut() = StatusCode::FOUND;
        return Ok(response);
    }
    let session = owner::see(&server, &parts).await?;
    let state = match is_followed(&server, &entity).await? {
        true => FollowState::Followed,
        false => FollowState::Asked,
    };
    Ok(page::follow(&server, &session, &entity, state).into_response())
}

/// Follows whom the page names.
pub(crate) async fn submit(
    Addressed(server): Addressed,
    request: Request,
) -> Result<Response, Detour> {
    let (parts, body) = request.into_parts();
    let entity = named(&parts)?;
    let url = owner::target(&parts).to_owned();
    let request = Request::from_parts(parts, body);
    let (session, _) = owner::take_form(&server, request).await?;
    if is_followed(&server, &entity).await? {
        return Ok(page::see_other(&url)); // it was sent twice
    }
    let mut following = Following::default();
    following.entity = Some(entity.clone());
    let followed = following::follow(&server, following, None, None).await;
    let (status, why) = match followed {
        Ok(Ok(_)) => return Ok(page::see_other(&url)),
        Ok(Err(error)) => (StatusCode::BAD_GATEWAY, error.to_string()),
        Err(error) => (error.status(), error.to_string()),
    };
    let page = page::follow(&server, &session, &entity, FollowState::Failed(why));
    Ok(page.with_status(status).into_response())
}

/// Who is to be followed.
fn named(parts: &Parts) -> Result<Entity, Detour> {
    let query = Query::parse(parts.uri.query().unwrap_or_default());
    let entity = query.filled("entity").and_then(|text| text.parse().ok());
    let entity = entity.filter(|entity: &Entity| page::is_web(entity.as_str()));
    entity.ok_or_else(|| page::refused("The link does not name anybody to follow.").into())
}

async fn is_followed(server: &Shared, entity: &Entity) -> Result<bool, ApiError> {
    let name = RelationName::Entity(entity.clone());
    let found = server
        .database
        .relation(server.account.key, Side::Following, name)
        .await?;
    Ok(found.is_some_and(|found| found.confirmed))
}
