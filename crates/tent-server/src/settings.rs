//! The owner's settings: `/settings`, where the passphrase is changed and sessions are ended, and
//! `/settings/apps`.
//!
//! Each form says by `action` what it is for. What was done is shown after a redirect, so that nothing
//! is done twice by a page that is loaded again.

pub(crate) mod apps;

use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::StatusCode;

use crate::attempts::Guesser;
use crate::error::ApiError;
use crate::owner::{self, Detour};
use crate::page::{self, Mistake};
use crate::passphrase::Passphrase;
use crate::query::Query;
use crate::server::{Addressed, Shared};
use crate::session::Session;
use crate::sign_in;

/// How long a new passphrase must be, in characters (NIST SP 800-63B-4 §3.1.1.2 asks for 15 where it is
/// the only factor).
const SHORTEST: usize = 15;

pub(crate) async fn show(
    Addressed(server): Addressed,
    request: Request,
) -> Result<Response, Detour> {
    let (parts, _) = request.into_parts();
    let session = owner::see(&server, &parts).await?;
    let query = Query::parse(parts.uri.query().unwrap_or_default());
    let changed = query.get("done") == Some("passphrase");
    Ok(page::settings(&server, &session, changed, None).into_response())
}

pub(crate) async fn submit(
    Addressed(server): Addressed,
    request: Request,
) -> Result<Response, Detour> {
    let (session, form) = owner::take_form(&server, request).await?;
    let account = server.account.key;
    match form.get("action") {
        Some("passphrase") => change_passphrase(&server, &session, &form).await,
        Some("sign_out") => {
            let ended = server
                .database
                .end_session(account, session.hash(), server.now());
            ended.await?;
            tracing::info!("the owner signed out");
            Ok(page::see_other(&server.page_path()))
        }
        Some("sign_out_everywhere") => {
            server.database.end_sessions(account).await?;
            tracing::info!("the owner signed out everywhere");
            Ok(page::see_other(&server.page_path()))
        }
        _ => Err(ApiError::bad_request("the form does not say what to do").into()),
    }
}

async fn change_passphrase(
    server: &Shared,
    session: &Session,
    form: &Query,
) -> Result<Response, Detour> {
    let refused = |mistake| page::settings(server, session, false, Some(mistake));
    let field = |name| form.get(name).unwrap_or_default();
    let new = field("new_passphrase");
    if new.chars().count() < SHORTEST {
        let page = refused(Mistake::Short(SHORTEST));
        return Err(page.with_status(StatusCode::UNPROCESSABLE_ENTITY).into());
    }
    if new != field("new_passphrase_again") {
        let page = refused(Mistake::Different);
        return Err(page.with_status(StatusCode::UNPROCESSABLE_ENTITY).into());
    }
    // The session may have been left open, or stolen.
    let guesser = Guesser::Browser(session.hash());
    let current = Passphrase::new(field("current_passphrase"));
    if let Some(rejected) = sign_in::check(server, guesser, current).await? {
        return Err(rejected.answer(refused(Mistake::Rejected(rejected))).into());
    }
    let new = Passphrase::new(new);
    let hash = server.hashing.run(move || new.hash()).await;
    let hash = hash.map_err(|error| ApiError::internal(&error))?;
    let hash = hash.map_err(|error| ApiError::internal(&error))?;
    server
        .database
        .change_passphrase(server.account.key, hash)
        .await?;
    tracing::info!("the passphrase was changed");
    let done = format!("{}/settings?done=passphrase", server.root_path());
    Ok(sign_in::begin(server, page::see_other(&done)).await?)
}
