//! Signing in.

use maud::html;
use tent_proto::Entity;

use super::{Page, csrf};
use crate::session::Session;
use crate::sign_in::{Rejected, SignIn};

/// Asks for the passphrase, and says what was wrong with the one before.
pub(crate) fn sign_in(
    entity: &Entity,
    form: &SignIn<'_>,
    session: &Session,
    rejected: Option<Rejected>,
) -> Page {
    let body = html! {
        h1 { "Sign in" }
        p {
            "as " strong { (entity) }
            @if let Some(app) = form.app { ", to decide what " strong { (app) } " may do" }
            "."
        }
        @if let Some(rejected) = rejected {
            p.alert #rejected role="alert" { (words(rejected)) }
        }
        form method="post" action=(form.url) {
            (csrf(session))
            input name="username" autocomplete="username" value=(entity) readonly hidden;
            label.field for="passphrase" { "Passphrase" }
            input #passphrase type="password" name="passphrase" autocomplete="current-password" required autofocus
                aria-invalid=[rejected.map(|_| "true")] aria-describedby=[rejected.map(|_| "rejected")];
            div.actions { button.main type="submit" { "Sign in" } }
        }
    };
    Page::new("Sign in", body)
}

/// Why a passphrase is not taken, in words.
pub(super) fn words(rejected: Rejected) -> String {
    match rejected {
        Rejected::Wrong => "That is not the passphrase.".to_owned(),
        Rejected::Wait(1) => "That was one attempt too many. Try again in a second.".to_owned(),
        Rejected::Wait(seconds) => {
            format!("That was one attempt too many. Try again in {seconds} seconds.")
        }
    }
}
