//! Signing in.

use maud::html;
use tent_proto::Entity;

use super::Page;
use crate::approval::ApprovalRequest;
use crate::session::Session;

/// What went wrong before.
#[derive(Debug, Clone, Copy)]
pub(crate) enum SignInNote {
    None,
    Wrong,
    /// There were too many attempts; the next one may be made in so many seconds.
    Wait(i64),
}

/// Asks for the passphrase.
pub(crate) fn sign_in(
    entity: &Entity,
    request: &ApprovalRequest,
    session: &Session,
    note: SignInNote,
) -> Page {
    let body = html! {
        h1 { "Sign in" }
        p { "as " strong { (entity) } ", to decide what " strong { (request.app.name) } " may do." }
        @match note {
            SignInNote::None => {}
            SignInNote::Wrong => p.alert role="alert" { "That is not the passphrase." }
            SignInNote::Wait(1) => p.alert role="alert" { "That was one attempt too many. Try again in a second." }
            SignInNote::Wait(seconds) => p.alert role="alert" {
                "That was one attempt too many. Try again in " (seconds) " seconds."
            }
        }
        form method="post" action=(request.url) {
            input type="hidden" name="csrf" value=(session.csrf());
            input name="username" autocomplete="username" value=(entity) readonly hidden;
            label.field for="passphrase" { "Passphrase" }
            input #passphrase type="password" name="passphrase" autocomplete="current-password" required autofocus;
            div.actions { button.main type="submit" { "Sign in" } }
        }
    };
    Page::new("Sign in", &html! {}, &body)
}
