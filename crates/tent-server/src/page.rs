//! The pages. They work without scripts, and load nothing from anywhere.

mod approve;
mod home;
mod sign_in;
mod words;

use std::sync::LazyLock;

use axum::response::{Html, IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use http::{HeaderName, HeaderValue, StatusCode};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest as _, Sha256};

pub(crate) use self::approve::{CHOICE, approve, box_name};
pub(crate) use self::home::home;
pub(crate) use self::sign_in::{SignInNote, sign_in};
use crate::approval::ApprovalRequest;

const STYLE: &str = include_str!("page/style.css");

/// Nothing but our own style. Where forms may lead is left open: browsers apply that to the redirect
/// back to the app too, and to wherever the app leads on from there.
static POLICY: LazyLock<Option<HeaderValue>> = LazyLock::new(|| {
    let style = STANDARD.encode(Sha256::digest(STYLE));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{style}'; frame-ancestors 'none'; base-uri 'none'"
    );
    HeaderValue::try_from(policy).ok()
});

/// A page of ours.
pub(crate) struct Page {
    status: StatusCode,
    markup: Markup,
}

impl Page {
    fn new(title: &str, head: &Markup, body: &Markup) -> Self {
        let markup = html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    title { (title) }
                    (head)
                    style { (PreEscaped(STYLE)) }
                }
                body { main { (body) } }
            }
        };
        Self {
            status: StatusCode::OK,
            markup,
        }
    }

    #[must_use]
    pub(crate) fn with_status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    /// What keeps a page, or a step between pages, from being framed, stored or told about.
    pub(crate) fn headers() -> [(HeaderName, HeaderValue); 5] {
        let strict = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
        [
            (CONTENT_SECURITY_POLICY, POLICY.clone().unwrap_or(strict)),
            (X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
            (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
            (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
            (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        ]
    }
}

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        (
            self.status,
            Self::headers(),
            Html(self.markup.into_string()),
        )
            .into_response()
    }
}

/// Tells the owner why an app cannot be approved.
pub(crate) fn refused(why: &str) -> Page {
    let body = html! {
        h1 { "This link does not work" }
        p { (why) }
        p.quiet { "Nothing was approved. Go back to the app and try again; if that does not help, its makers need to know." }
    };
    Page::new("This link does not work", &html! {}, &body).with_status(StatusCode::BAD_REQUEST)
}

/// Tells the owner that a form was not made for this browser, or too long ago.
pub(crate) fn form_expired(request: &ApprovalRequest) -> Page {
    let body = html! {
        h1 { "The form has expired" }
        p { "Nothing was approved. This happens when the browser keeps no cookies, or when the form was open for long." }
        p { a.button href=(request.url) { "Try again" } }
    };
    Page::new("The form has expired", &html! {}, &body).with_status(StatusCode::FORBIDDEN)
}
