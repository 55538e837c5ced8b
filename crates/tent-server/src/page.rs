//! The pages. They work without scripts, and load nothing from anywhere.

mod approve;
mod apps;
mod essay;
mod follow;
mod posts;
mod profile;
mod settings;
mod sign_in;
mod words;

use std::sync::LazyLock;

use axum::response::{Html, IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, LOCATION, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use http::{HeaderName, HeaderValue, StatusCode};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest as _, Sha256};
use url::Url;

pub(crate) use self::approve::{CHOICE, NOTIFICATIONS, POST_TYPE, PROFILE_TYPE, approve, box_name};
pub(crate) use self::apps::apps;
pub(crate) use self::follow::{FollowState, follow};
pub(crate) use self::posts::{BEFORE, Posts};
pub(crate) use self::profile::{Profile, profile};
pub(crate) use self::settings::{Mistake, settings};
pub(crate) use self::sign_in::sign_in;
use crate::error::ApiError;
use crate::server::Shared;
use crate::session::Session;

const STYLE: &str = include_str!("page/style.css");

/// A tent. Without an icon of its own a page has browsers ask for one that there is not.
const ICON: &str = "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'>\
    <path fill='%232f7d62' d='M8 1 0 15h5l3-6 3 6h5z'/></svg>";

/// Nothing but our own style, and the icon.
static POLICY: LazyLock<Option<HeaderValue>> =
    LazyLock::new(|| HeaderValue::try_from(policy()).ok());

/// The same, and forms lead nowhere but here.
static FORMS_POLICY: LazyLock<Option<HeaderValue>> =
    LazyLock::new(|| HeaderValue::try_from(format!("{}; form-action 'self'", policy())).ok());

fn policy() -> String {
    let style = STANDARD.encode(Sha256::digest(STYLE));
    format!(
        "default-src 'none'; style-src 'sha256-{style}'; img-src data:; frame-ancestors 'none'; base-uri 'none'"
    )
}

/// A page of ours.
#[derive(Debug)]
pub(crate) struct Page {
    status: StatusCode,
    title: String,
    head: Markup,
    header: Markup,
    body: Markup,
    leads_away: bool,
}

impl Page {
    fn new(title: impl Into<String>, body: Markup) -> Self {
        Self {
            status: StatusCode::OK,
            title: title.into(),
            head: Markup::default(),
            header: Markup::default(),
            body,
            leads_away: false,
        }
    }

    #[must_use]
    pub(crate) fn with_status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    fn with_head(self, head: Markup) -> Self {
        Self { head, ..self }
    }

    /// Gives the owner the way to the other pages.
    fn with_navigation(self, server: &Shared, session: &Session, here: Here) -> Self {
        Self {
            header: navigation(server, session, here),
            ..self
        }
    }

    /// Lets forms lead elsewhere: browsers apply the policy to the redirect back to the app too, and to
    /// wherever the app leads on from there.
    fn leading_away(self) -> Self {
        Self {
            leads_away: true,
            ..self
        }
    }

    /// What keeps a page, or a step between pages, from being framed, stored or told about.
    fn headers(leads_away: bool) -> [(HeaderName, HeaderValue); 5] {
        let strict = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
        let policy = if leads_away { &POLICY } else { &FORMS_POLICY };
        [
            (
                CONTENT_SECURITY_POLICY,
                (**policy).clone().unwrap_or(strict),
            ),
            (X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
            (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
            (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
            (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        ]
    }
}

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        let markup = html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    link rel="icon" href=(ICON);
                    title { (self.title) }
                    (self.head)
                    style { (PreEscaped(STYLE)) }
                }
                body { (self.header) main { (self.body) } }
            }
        };
        (
            self.status,
            Self::headers(self.leads_away),
            Html(markup.into_string()),
        )
            .into_response()
    }
}

/// Sends the browser on to another page.
pub(crate) fn see_other(location: &str) -> Response {
    match HeaderValue::try_from(location) {
        Ok(location) => (
            StatusCode::SEE_OTHER,
            Page::headers(true),
            [(LOCATION, location)],
        )
            .into_response(),
        Err(_) => {
            ApiError::bad_request("the redirect URI cannot stand in a header").into_response()
        }
    }
}

/// The page that the owner is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Here {
    Profile,
    Apps,
    Settings,
    Elsewhere,
}

fn navigation(server: &Shared, session: &Session, here: Here) -> Markup {
    let root = server.root_path();
    let pages = [
        (Here::Profile, "Profile", server.page_path()),
        (Here::Apps, "Apps", format!("{root}/settings/apps")),
        (Here::Settings, "Settings", format!("{root}/settings")),
    ];
    html! {
        header {
            nav aria-label="Your pages" {
                ul {
                    @for (page, name, path) in pages {
                        li { a href=(path) aria-current=[(page == here).then_some("page")] { (name) } }
                    }
                }
            }
            form method="post" action={ (root) "/settings" } {
                (csrf(session))
                button.plain type="submit" name="action" value="sign_out" { "Sign out" }
            }
        }
    }
}

/// The hidden field that ties a form to a browser.
fn csrf(session: &Session) -> Markup {
    html! { input type="hidden" name="csrf" value=(session.csrf()); }
}

/// Whether a URL that somebody else wrote leads to a page, and not to a script, say.
pub(crate) fn is_web(url: &str) -> bool {
    Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
}

/// A link if it leads to a page, and else its text.
fn link(url: &str) -> Markup {
    html! {
        @if is_web(url) { a href=(url) rel="noreferrer nofollow" { (url) } } @else { (url) }
    }
}

/// Tells the owner why a link from elsewhere leads nowhere.
pub(crate) fn refused(why: &str) -> Page {
    let body = html! {
        h1 { "This link does not work" }
        p { (why) }
        p.quiet { "Nothing was done. Go back to where you came from and try again; if that does not help, its makers need to know." }
    };
    Page::new("This link does not work", body).with_status(StatusCode::BAD_REQUEST)
}

/// Tells the owner that a form was not made for this browser, or too long ago.
pub(crate) fn form_expired(url: &str) -> Page {
    let body = html! {
        h1 { "The form has expired" }
        p { "Nothing was done. This happens when the browser keeps no cookies, or when the form was open for long." }
        p { a.button href=(url) { "Try again" } }
    };
    Page::new("The form has expired", body).with_status(StatusCode::FORBIDDEN)
}
