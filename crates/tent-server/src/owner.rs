//! The owner before a page: the way to what nobody else may see or do in a browser.

use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::request::Parts;

use crate::body;
use crate::error::ApiError;
use crate::page::{self, Page};
use crate::query::Query;
use crate::server::Shared;
use crate::session::Session;
use crate::sign_in::SignIn;
use crate::storage::{Browser, StorageError};

/// An answer that comes in place of what was asked for.
#[derive(Debug)]
pub(crate) struct Detour(Box<Response>);

/// Lets the owner see a page. Others are asked for the passphrase.
pub(crate) async fn see(server: &Shared, parts: &Parts) -> Result<Session, Detour> {
    let session = Session::of(server, &parts.headers)?;
    if session.browser(server).await? == Browser::SignedIn {
        return Ok(session);
    }
    let sign_in = SignIn {
        url: target(parts),
        app: None,
    };
    let mut response = sign_in.page(server, &session, None).into_response();
    session.keep(server, response.headers_mut());
    Err(response.into())
}

/// Where the page is, below the host.
pub(crate) fn target(parts: &Parts) -> &str {
    let target = parts.uri.path_and_query();
    target.map_or("/", |target| target.as_str())
}

/// Takes a form that the owner filled on one of these pages. One with a passphrase signs in.
pub(crate) async fn take_form(
    server: &Shared,
    request: Request,
) -> Result<(Session, Query), Detour> {
    let (parts, body) = request.into_parts();
    let form = body::form(&parts.headers, body).await?;
    let session = Session::of(server, &parts.headers)?;
    let url = target(&parts);
    if !session.owns_form(form.get("csrf")) {
        return Err(page::form_expired(url).into());
    }
    if let Some(passphrase) = form.get("passphrase") {
        let sign_in = SignIn { url, app: None };
        let answer = sign_in.attempt(server, &parts, &session, passphrase.into());
        return Err(answer.await?.into());
    }
    if session.browser(server).await? != Browser::SignedIn {
        return Err(page::see_other(url).into()); // to sign in once more
    }
    Ok((session, form))
}

impl IntoResponse for Detour {
    fn into_response(self) -> Response {
        *self.0
    }
}

impl From<Response> for Detour {
    fn from(response: Response) -> Self {
        Self(Box::new(response))
    }
}

impl From<Page> for Detour {
    fn from(page: Page) -> Self {
        page.into_response().into()
    }
}

impl From<ApiError> for Detour {
    fn from(error: ApiError) -> Self {
        error.into_response().into()
    }
}

impl From<StorageError> for Detour {
    fn from(error: StorageError) -> Self {
        ApiError::from(error).into()
    }
}
