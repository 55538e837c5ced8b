//! The approval of apps: `/oauth/authorize`.
//!
//! All that an app asks for stays in the URL and is checked at each step anew, so nothing is stored
//! before the owner approves. An app that was approved before is asked about again, and gets another
//! authorization: those that it has stay as they are.
//!
//! Source: RFC 6749 §4.1; tent.io 0.2, app-auth; `docs/protocol.md` §4.1 to §4.4.

mod request;

use axum::extract::Request;
use axum::response::{IntoResponse, Response};

pub(crate) use self::request::ApprovalRequest;
use self::request::Refused;
use crate::body;
use crate::error::ApiError;
use crate::page::{self, see_other};
use crate::query::Query;
use crate::redirect;
use crate::secret;
use crate::server::{Addressed, Shared};
use crate::session::Session;
use crate::storage::{Approval, Browser, Grant};

/// How long a code can be exchanged, in seconds.
const CODE_SECONDS: i64 = 600;

/// Shows what the app asks for, or the way to sign in.
pub(crate) async fn show(Addressed(server): Addressed, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let shown = async {
        let request = ApprovalRequest::read(&server, &parts).await?;
        let session = Session::of(&server, &parts.headers)?;
        let page = match session.browser(&server).await? {
            Browser::SignedIn => page::approve(&server.account.entity, &request, &session),
            _ => request.sign_in().page(&server, &session, None),
        };
        Ok(keep(&server, &session, page.into_response()))
    };
    shown.await.unwrap_or_else(Refused::into_response)
}

/// Takes a form: the passphrase, or the decision.
pub(crate) async fn submit(Addressed(server): Addressed, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let answered = async {
        let request = ApprovalRequest::read(&server, &parts).await?;
        let form = body::form(&parts.headers, body).await?;
        let session = Session::of(&server, &parts.headers)?;
        if !session.owns_form(form.get("csrf")) {
            return Err(Refused::Page(page::form_expired(&request.url)));
        }
        match (form.get("passphrase"), form.get("decision")) {
            (Some(passphrase), _) => {
                let sign_in = request.sign_in();
                let answer = sign_in.attempt(&server, &parts, &session, passphrase.into());
                Ok(answer.await?)
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

/// Gives a new browser its cookie.
fn keep(server: &Shared, session: &Session, mut response: Response) -> Response {
    session.keep(server, response.headers_mut());
    response
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

/// What was asked for without what was unticked. A browser sends `choice` and the boxes that are
/// ticked; a script that sends neither approves all that was asked for.
fn granted(request: &ApprovalRequest, form: &Query) -> Grant {
    let mut grant = request.asked.clone();
    if form.get(page::CHOICE).is_some() {
        let ticked = |name, value: &str| form.all(name).any(|ticked| ticked == value);
        grant
            .scopes
            .retain(|scope| form.get(&page::box_name(scope)).is_some());
        grant
            .post_types
            .retain(|one| ticked(page::POST_TYPE, one.as_str()));
        grant
            .profile_info_types
            .retain(|one| ticked(page::PROFILE_TYPE, one.as_str()));
        grant
            .notification_url
            .take_if(|url| !ticked(page::NOTIFICATIONS, url));
    }
    grant
}
