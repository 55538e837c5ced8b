//! The apps that the owner has approved: `/settings/apps`, to see what each may do and to end that.

use axum::extract::Request;
use axum::response::{IntoResponse, Response};

use crate::error::ApiError;
use crate::owner::{self, Detour};
use crate::page;
use crate::query::Query;
use crate::server::Addressed;

pub(crate) async fn show(
    Addressed(server): Addressed,
    request: Request,
) -> Result<Response, Detour> {
    let (parts, _) = request.into_parts();
    let session = owner::see(&server, &parts).await?;
    let apps = server.database.apps(server.account.key, server.now());
    let mut apps = apps.await?;
    apps.retain(|app| !app.authorizations.is_empty());
    let query = Query::parse(parts.uri.query().unwrap_or_default());
    Ok(page::apps(&server, &session, &apps, query.get("done")).into_response())
}

/// Revokes one approval, or removes an app with all that it has. What is gone already is as gone.
pub(crate) async fn submit(
    Addressed(server): Addressed,
    request: Request,
) -> Result<Response, Detour> {
    let (_, form) = owner::take_form(&server, request).await?;
    let account = server.account.key;
    let app = form.get("app").unwrap_or_default();
    let done = match (form.get("action"), form.get("authorization")) {
        (Some("revoke"), Some(id)) => {
            let revoked =
                server
                    .database
                    .delete_authorization(account, app.into(), id.into(), None);
            revoked.await?;
            tracing::info!(app, "the owner revoked an approval");
            "revoked"
        }
        (Some("remove"), _) => {
            server
                .database
                .delete_app(account, app.into(), None)
                .await?;
            tracing::info!(app, "the owner removed an app");
            "removed"
        }
        _ => return Err(ApiError::bad_request("the form does not say what to do").into()),
    };
    let url = format!("{}/settings/apps?done={done}", server.root_path());
    Ok(page::see_other(&url))
}
