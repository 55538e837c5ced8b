//! What an app asks for when it sends the owner here.

use std::collections::HashSet;

use axum::response::{IntoResponse, Response};
use http::request::Parts;
use tent_proto::draft::model::TypeReference;
use tent_proto::{Scope, TypeUri};

use crate::error::ApiError;
use crate::page::{self, Page, see_other};
use crate::query::Query;
use crate::redirect;
use crate::server::Shared;
use crate::sign_in::SignIn;
use crate::storage::{Grant, Registration};

/// A request for approval by a registered app, that may be answered to its redirect URI.
#[derive(Debug)]
pub(crate) struct ApprovalRequest {
    pub(crate) app: Registration,
    pub(crate) redirect_uri: String,
    pub(crate) state: Option<String>,
    pub(crate) asked: Grant,
    /// Its own URL below the host, where its forms are sent.
    pub(crate) url: String,
}

/// Why a request ends here.
pub(crate) enum Refused {
    /// The owner is told; nobody is sent anywhere.
    Page(Page),
    /// The app is told.
    Redirect(String),
    Error(ApiError),
}

impl ApprovalRequest {
    /// Reads the request. Until app and redirect URI are known to belong together, the browser stays
    /// here (RFC 6749 §4.1.2.1).
    pub(crate) async fn read(server: &Shared, parts: &Parts) -> Result<Self, Refused> {
        let query = Query::parse(parts.uri.query().unwrap_or_default());
        let id = query
            .filled("client_id")
            .ok_or_else(|| refused("The link names no app."))?;
        let app = server
            .database
            .app(server.account.key, id.into(), server.now())
            .await?;
        let app =
            app.ok_or_else(|| refused("The link names an app that is not registered here."))?;
        let redirect_uri = query.filled("redirect_uri");
        let redirect_uri =
            redirect_uri.ok_or_else(|| refused("The link does not say where to go on."))?;
        if !redirect::is_registered(&app.redirect_uris, redirect_uri) {
            return Err(refused(
                "The link leads on to an address that the app has not registered.",
            ));
        }
        let request = Self {
            redirect_uri: redirect_uri.to_owned(),
            state: query.get("state").map(str::to_owned),
            asked: asked(&query),
            url: parts
                .uri
                .path_and_query()
                .map_or("/", |target| target.as_str())
                .to_owned(),
            app,
        };
        request.check(&query)
    }

    fn check(self, query: &Query) -> Result<Self, Refused> {
        if query
            .filled("response_type")
            .is_some_and(|wanted| wanted != "code")
        {
            return Err(Refused::Redirect(
                self.error_uri("unsupported_response_type"),
            ));
        }
        let url = self.asked.notification_url.as_deref();
        if url.is_some_and(|url| !page::is_web(url)) {
            return Err(Refused::Redirect(self.error_uri("invalid_request")));
        }
        Ok(self)
    }

    /// The form that comes before it.
    pub(crate) fn sign_in(&self) -> SignIn<'_> {
        SignIn {
            url: &self.url,
            app: Some(&self.app.name),
        }
    }

    /// The redirect URI that tells the app what went wrong, with its state.
    pub(crate) fn error_uri(&self, error: &str) -> String {
        let state = self.state.as_deref().map(|state| ("state", state));
        let pairs: Vec<_> = [("error", error)].into_iter().chain(state).collect();
        redirect::with_pairs(&self.redirect_uri, &pairs)
    }
}

fn asked(query: &Query) -> Grant {
    Grant {
        scopes: words(query, "scope", [',', ' ']).map(Scope::from).collect(),
        post_types: types(query, "tent_post_types"),
        profile_info_types: types(query, "tent_profile_info_types"),
        notification_url: query.filled("tent_notification_url").map(str::to_owned),
    }
}

/// The types of a list. The draft has number signs before versions (`docs/protocol.md` §8.7).
fn types(query: &Query, name: &str) -> Vec<TypeUri> {
    let words = words(query, name, [',', ',']);
    let types = words.filter_map(|word| match word.contains("##") {
        true => TypeReference::from_filter(word).to_uri(),
        false => Some(word.into()),
    });
    types.collect()
}

/// The words of a list, each once.
fn words<'a>(query: &'a Query, name: &str, separators: [char; 2]) -> impl Iterator<Item = &'a str> {
    let mut seen = HashSet::new();
    let list = query.get(name).unwrap_or_default();
    let words = list.split(separators).map(str::trim);
    words.filter(move |word| !word.is_empty() && seen.insert(*word))
}

fn refused(why: &'static str) -> Refused {
    Refused::Page(page::refused(why))
}

impl Refused {
    pub(crate) fn into_response(self) -> Response {
        match self {
            Self::Page(page) => page.into_response(),
            Self::Redirect(uri) => see_other(&uri),
            Self::Error(error) => error.into_response(),
        }
    }
}

impl From<ApiError> for Refused {
    fn from(error: ApiError) -> Self {
        Self::Error(error)
    }
}

impl From<crate::storage::StorageError> for Refused {
    fn from(error: crate::storage::StorageError) -> Self {
        Self::Error(error.into())
    }
}
