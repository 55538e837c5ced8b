//! Signing in, on whichever page it is needed for.
//!
//! The form is sent to the URL of that page and leads back to it, so there is no page of its own that
//! a link could lead astray.

use axum::response::{IntoResponse, Response};
use http::header::RETRY_AFTER;
use http::request::Parts;
use http::{HeaderValue, StatusCode};

use crate::attempts::Guesser;
use crate::error::ApiError;
use crate::forwarded;
use crate::page::{self, Page};
use crate::passphrase::Passphrase;
use crate::server::Shared;
use crate::session::{self, Session};
use crate::storage::Browser;

/// The form, before a page that the owner alone sees.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SignIn<'a> {
    /// The URL of that page, below the host.
    pub(crate) url: &'a str,
    /// The app that asks for approval there.
    pub(crate) app: Option<&'a str>,
}

/// Why a passphrase is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rejected {
    Wrong,
    /// There were too many attempts; the next one may be made in so many seconds.
    Wait(i64),
}

impl Rejected {
    /// The page that says so, as an answer.
    pub(crate) fn answer(self, page: Page) -> Response {
        match self {
            Self::Wrong => page.with_status(StatusCode::FORBIDDEN).into_response(),
            Self::Wait(seconds) => {
                let page = page.with_status(StatusCode::TOO_MANY_REQUESTS);
                let mut response = page.into_response();
                let headers = response.headers_mut();
                headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
                response
            }
        }
    }
}

impl SignIn<'_> {
    /// The page that asks for the passphrase.
    pub(crate) fn page(
        &self,
        server: &Shared,
        session: &Session,
        rejected: Option<Rejected>,
    ) -> Page {
        page::sign_in(&server.account.entity, self, session, rejected)
    }

    /// Signs the owner in, in the browser that sent this.
    pub(crate) async fn attempt(
        &self,
        server: &Shared,
        parts: &Parts,
        session: &Session,
        passphrase: Passphrase,
    ) -> Result<Response, ApiError> {
        let guesser = match session.browser(server).await? {
            Browser::Unknown => Guesser::address(forwarded::client(parts, server)),
            Browser::SignedIn | Browser::Known => Guesser::Browser(session.hash()),
        };
        match check(server, guesser, passphrase).await? {
            Some(rejected) => Ok(rejected.answer(self.page(server, session, Some(rejected)))),
            None => {
                tracing::info!("the owner signed in");
                begin(server, page::see_other(self.url)).await
            }
        }
    }
}

/// Whether this is the owner's passphrase; if not, why it is not taken. Attempts are counted.
pub(crate) async fn check(
    server: &Shared,
    guesser: Guesser,
    passphrase: Passphrase,
) -> Result<Option<Rejected>, ApiError> {
    if let Err(wait) = server.attempts.begin(guesser, server.now()).await? {
        tracing::warn!("an attempt to sign in was slowed");
        return Ok(Some(Rejected::Wait(wait)));
    }
    let hash = server.database.passphrase(server.account.key).await?;
    let fits = server.hashing.run(move || passphrase.fits(&hash)).await;
    if !fits.map_err(|error| ApiError::internal(&error))? {
        tracing::warn!("a wrong passphrase was given");
        return Ok(Some(Rejected::Wrong));
    }
    server.attempts.succeeded(guesser).await?;
    Ok(None)
}

/// Begins a session in which the owner is signed in: a new one, so that none that somebody else knows
/// ever is.
pub(crate) async fn begin(server: &Shared, mut response: Response) -> Result<Response, ApiError> {
    let session = Session::begin()?;
    let expires_at = server.now() + session::SECONDS;
    server
        .database
        .create_session(server.account.key, session.hash(), expires_at)
        .await?;
    session.keep(server, response.headers_mut());
    Ok(response)
}
