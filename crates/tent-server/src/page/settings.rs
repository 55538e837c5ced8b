//! The passphrase and the sessions.

use maud::{Markup, html};

use super::sign_in::words;
use super::{Here, Page, csrf};
use crate::server::Shared;
use crate::session::{self, Session};
use crate::sign_in::Rejected;

/// Why a passphrase was not changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mistake {
    /// The current one is not taken.
    Rejected(Rejected),
    /// The new one has fewer characters than this.
    Short(usize),
    /// The new one was written in two ways.
    Different,
}

/// The settings; whether the passphrase was just changed, or why it was not.
pub(crate) fn settings(
    server: &Shared,
    session: &Session,
    changed: bool,
    mistake: Option<Mistake>,
) -> Page {
    let url = format!("{}/settings", server.root_path());
    let entity = &server.account.entity;
    let hours = session::SECONDS / 3600;
    let body = html! {
        h1 { "Settings" }
        p.quiet { (entity) }
        @if changed { p.done role="status" { "The passphrase was changed. All other browsers are signed out." } }
        section {
            h2 { "Passphrase" }
            @if let Some(mistake) = mistake {
                p.alert #mistake role="alert" { (mistake_words(mistake)) }
            }
            form method="post" action=(url) {
                (csrf(session))
                input name="username" autocomplete="username" value=(entity) readonly hidden;
                (field("current_passphrase", "Current passphrase", "current-password", mistake))
                (field("new_passphrase", "New passphrase", "new-password", mistake))
                (field("new_passphrase_again", "New passphrase, once more", "new-password", mistake))
                div.actions { button.main type="submit" name="action" value="passphrase" { "Change the passphrase" } }
            }
        }
        section {
            h2 { "Sessions" }
            p { "A browser stays signed in for " (hours) " hours. Signing out everywhere ends that at once, in this browser too; apps go on." }
            form method="post" action=(url) {
                (csrf(session))
                div.actions { button type="submit" name="action" value="sign_out_everywhere" { "Sign out everywhere" } }
            }
        }
    };
    Page::new("Settings", body).with_navigation(server, session, Here::Settings)
}

fn field(name: &str, label: &str, autocomplete: &str, mistake: Option<Mistake>) -> Markup {
    let wrong = mistake.is_some_and(|mistake| mistake.field() == name);
    html! {
        label.field for=(name) { (label) }
        input id=(name) type="password" name=(name) autocomplete=(autocomplete) required autofocus[wrong]
            aria-invalid=[wrong.then_some("true")] aria-describedby=[wrong.then_some("mistake")];
    }
}

impl Mistake {
    /// The field in which it was made.
    const fn field(self) -> &'static str {
        match self {
            Self::Rejected(_) => "current_passphrase",
            Self::Short(_) => "new_passphrase",
            Self::Different => "new_passphrase_again",
        }
    }
}

fn mistake_words(mistake: Mistake) -> String {
    match mistake {
        Mistake::Rejected(rejected) => words(rejected),
        Mistake::Short(shortest) => {
            format!("A new passphrase has at least {shortest} characters. A few words will do.")
        }
        Mistake::Different => "The new passphrase is not the same both times.".to_owned(),
    }
}
