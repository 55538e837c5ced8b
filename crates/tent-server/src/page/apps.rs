//! What the owner has approved.

use maud::{Markup, html};
use tent_proto::TypeUri;

use super::words::{is_grave, scope_words, type_words};
use super::{Here, Page, csrf, link};
use crate::date::Day;
use crate::server::Shared;
use crate::session::Session;
use crate::storage::{Registration, StoredAuthorization};

/// Lists the apps that are approved, each with the way to end that; `done` is what was just done.
pub(crate) fn apps(
    server: &Shared,
    session: &Session,
    apps: &[Registration],
    done: Option<&str>,
) -> Page {
    let done = match done {
        Some("revoked") => Some("The approval was revoked. Its key is good for nothing now."),
        Some("removed") => Some("The app was removed, with all its keys."),
        _ => None,
    };
    let url = format!("{}/settings/apps", server.root_path());
    let body = html! {
        h1 { "Apps" }
        p.quiet { "What may act for " strong { (server.account.entity) } "." }
        @if let Some(done) = done { p.done role="status" { (done) } }
        @if apps.is_empty() { p { "No app is approved." } }
        @for app in apps { (one(session, &url, app)) }
    };
    Page::new("Apps", body).with_navigation(server, session, Here::Apps)
}

fn one(session: &Session, url: &str, app: &Registration) -> Markup {
    html! {
        section {
            h2 { (app.name) }
            p.quiet { (link(&app.url)) }
            @if let Some(description) = &app.description { p { (description) } }
            @for authorization in &app.authorizations { (approval(session, url, app, authorization)) }
            form method="post" action=(url) {
                (csrf(session))
                input type="hidden" name="app" value=(app.id);
                div.actions {
                    button.plain type="submit" name="action" value="remove" {
                        "Remove " (app.name) " with all its keys"
                    }
                }
            }
        }
    }
}

fn approval(
    session: &Session,
    url: &str,
    app: &Registration,
    authorization: &StoredAuthorization,
) -> Markup {
    let grant = &authorization.grant;
    html! {
        div.approval {
            h3 { "Approved on " (date(authorization.created_at)) }
            p.quiet {
                @match authorization.used_at {
                    Some(used_at) => { "Last used on " (date(used_at)) }
                    None => { "Not used yet" }
                }
                @if let Some(expires_at) = authorization.expires_at { ", ends on " (date(expires_at)) }
                ". Key " code { (authorization.credentials.id()) }
            }
            ul.list {
                @for scope in &grant.scopes {
                    li {
                        (scope_words(scope))
                        @if is_grave(scope) { " " span.grave { "This gives it control of your account." } }
                    }
                }
                @if grant.scopes.is_empty() { li { "See what everybody can see" } }
            }
            (types("Posts", &grant.post_types))
            (types("Profile", &grant.profile_info_types))
            @if let Some(url) = &grant.notification_url { p.quiet { "New posts are sent to " code { (url) } "." } }
            form method="post" action=(url) {
                (csrf(session))
                input type="hidden" name="app" value=(app.id);
                input type="hidden" name="authorization" value=(authorization.id);
                button type="submit" name="action" value="revoke"
                    aria-label={ "Revoke what " (app.name) " may do since " (Day::of(authorization.created_at)) } { "Revoke" }
            }
        }
    }
}

fn types(title: &str, types: &[TypeUri]) -> Markup {
    html! {
        @if !types.is_empty() {
            p.quiet {
                (title) ": "
                @for (number, one) in types.iter().enumerate() {
                    @if number > 0 { ", " }
                    (type_words(one))
                }
            }
        }
    }
}

fn date(time: i64) -> Markup {
    let day = Day::of(time);
    html! { time datetime=(day.iso()) { (day) } }
}
