//! The approval of apps: `/oauth/authorize`.
//!
//! All that an app asks for stays in the URL and is checked at each step anew, so nothing is stored
//! before the owner approves. An app that was approved before is asked about again, and gets another
//! authorization: those that it has stay as they are.
//!
//! Source: RFC 6749 §4.1; tent.io 0.2, app-auth; `docs/protocol.md` §4.1 to §4.4.

mod request;

use std::net::SocketAddr;

use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State};
use axum::response::{IntoResponse, Response};
use http::header::{LOCATION, RETRY_AFTER};
use http::request::Parts;
use http::{HeaderValue, StatusCode};

pub(crate) use self::request::ApprovalRequest;
use self::request::Refused;
use crate::attempts::Guesser;
use crate::body;
use crate::error::ApiError;
use crate::page::{self, Page, SignInNote};
use crate::passphrase::Passphrase;
use crate::query::Query;
use crate::redirect;
use crate::secret;
use crate::server::Shared;
use crate::session::{self, Session};
use crate::storage::{Approval, Browser, Grant};

/// How long a code can be exchanged, in seconds.
const CODE_SECONDS: i64 = 600;
/// How long a form may be, in bytes.
const FORM_LIMIT: usize = 64 * 1024;

/// Shows what the app asks for, or the way to sign in.
pub(crate) async fn show(State(server): State<Shared>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let shown = async {
        let request = ApprovalRequest::read(&server, &parts).await?;
        let session = Session::of(&server, &parts.headers)?;
        let page = match session.browser(&server).await? {
            Browser::SignedIn => page::approve(&server.account.entity, &request, &session),
            _ => page::sign_in(&server.account.entity, &request, &session, SignInNote::None),
        };
        Ok(keep(&server, &session, page.into_response()))
    };
    shown.await.unwrap_or_else(Refused::into_response)
}

/// Takes a form: the passphrase, or the decision.
pub(crate) async fn submit(State(server): State<Shared>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let answered = async {
        let request = ApprovalRequest::read(&server, &parts).await?;
        let form = read_form(&parts, body).await?;
        let session = Session::of(&server, &parts.headers)?;
        if !session.owns_form(form.get("csrf")) {
            return Err(Refused::Page(page::form_expired(&request)));
        }
        match (form.get("passphrase"), form.get("decision")) {
            (Some(passphrase), _) => {
                sign_in(&server, &parts, &request, session, passphrase.into()).await
            }
            (None, Some(decision)) => decide(&server, &request, &session, decision, &form).await,
            (None, None) => Err(ApiError::bad_request(
                "the form has neither a passphrase nor a decision",
            )
            .into()),
        }
    };
    answered.await.unwrap_or_else(Refused::into_response)
}

async fn read_form(parts: &Parts, body: Body) -> Result<Query, ApiError> {
    let body = body::read(&parts.headers, body, FORM_LIMIT).await?;
    Ok(Query::parse(&String::from_utf8_lossy(&body)))
}

/// Gives a new browser its cookie.
fn keep(server: &Shared, session: &Session, mut response: Response) -> Response {
    session.keep(server, response.headers_mut());
    response
}

async fn sign_in(
    server: &Shared,
    parts: &Parts,
    request: &ApprovalRequest,
    session: Session,
    passphrase: Passphrase,
) -> Result<Response, Refused> {
    let entity = &server.account.entity;
    let guesser = match session.browser(server).await? {
        Browser::Unknown => Guesser::address(peer(parts)),
        Browser::SignedIn | Browser::Known => Guesser::Browser(session.hash()),
    };
    if let Err(wait) = server.attempts.begin(guesser, server.now()) {
        tracing::warn!("an attempt to sign in was slowed");
        let page = page::sign_in(entity, request, &session, SignInNote::Wait(wait));
        let mut response = page
            .with_status(StatusCode::TOO_MANY_REQUESTS)
            .into_response();
        response
            .headers_mut()
            .insert(RETRY_AFTER, HeaderValue::from(wait));
        return Ok(response);
    }
    if !fits(server, passphrase).await? {
        tracing::warn!("a wrong passphrase was given");
        let page = page::sign_in(entity, request, &session, SignInNote::Wrong);
        return Ok(page.with_status(StatusCode::FORBIDDEN).into_response());
    }
    server.attempts.succeeded(guesser);
    // A new session, so that one that somebody else knows is never the one that is signed in.
    let session = Session::begin()?;
    let expires_at = server.now() + session::SECONDS;
    server
        .database
        .create_session(server.account.key, session.hash(), expires_at)
        .await?;
    tracing::info!("the owner signed in");
    Ok(keep(server, &session, see_other(&request.url)))
}

fn peer(parts: &Parts) -> Option<std::net::IpAddr> {
    let info = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    info.map(|ConnectInfo(address)| address.ip())
}

async fn fits(server: &Shared, passphrase: Passphrase) -> Result<bool, ApiError> {
    let hash = server.account.passphrase.clone();
    let fits = server.hashing.run(move || passphrase.fits(&hash)).await;
    fits.map_err(|error| ApiError::internal(&error))
}

async fn decide(
    server: &Shared,
    request: &ApprovalRequest,
    session: &Session,
    decision: &str,
    form: &Query,
) -> Result<Response, Refused> {
    if session.browser(server).await? != Browser::SignedIn {
        return Ok(see_other(&request.url)); // to sign in once more
    }
    match decision {
        "approve" => approve(server, request, form).await,
        "deny" => {
            tracing::info!(app = %request.app.id, "an app was denied");
            Ok(see_other(&request.error_uri("access_denied")))
        }
        _ => Err(ApiError::bad_request("the decision is neither approve nor deny").into()),
    }
}

async fn approve(
    server: &Shared,
    request: &ApprovalRequest,
    form: &Query,
) -> Result<Response, Refused> {
    let code = secret::token()?;
    let now = server.now();
    let approval = Approval {
        account: server.account.key,
        app: request.app.id.clone(),
        code: secret::hash(&code),
        redirect_uri: request.redirect_uri.clone(),
        grant: granted(request, form),
        expires_at: now + CODE_SECONDS,
    };
    server.database.create_code(approval, now).await?;
    tracing::info!(app = %request.app.id, "an app was approved");
    let state = request.state.as_deref().map(|state| ("state", state));
    let pairs: Vec<_> = [("code", code.as_str())].into_iter().chain(state).collect();
    Ok(see_other(&redirect::with_pairs(
        &request.redirect_uri,
        &pairs,
    )))
}

/// What was asked for without the scopes that were unticked. A browser sends `choice` and the boxes
/// that are ticked; a script that sends neither approves all that was asked for.
fn granted(request: &ApprovalRequest, form: &Query) -> Grant {
    let mut grant = request.asked.clone();
    if form.get(page::CHOICE).is_some() {
        grant
            .scopes
            .retain(|scope| form.get(&page::box_name(scope)).is_some());
    }
    grant
}

fn see_other(location: &str) -> Response {
    match HeaderValue::try_from(location) {
        Ok(location) => (
            StatusCode::SEE_OTHER,
            Page::headers(),
            [(LOCATION, location)],
        )
            .into_response(),
        Err(_) => {
            ApiError::bad_request("the redirect URI cannot stand in a header").into_response()
        }
    }
}
