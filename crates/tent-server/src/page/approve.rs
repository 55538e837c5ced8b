//! Deciding what an app may do.

use maud::{Markup, html};
use tent_proto::{Entity, Scope, TypeUri};
use url::Url;

use super::Page;
use super::words::{is_grave, scope_words, type_name};
use crate::approval::ApprovalRequest;
use crate::redirect;
use crate::session::Session;

/// The field that a browser sends along with the boxes, since it sends those alone that are ticked.
pub(crate) const CHOICE: &str = "choice";

/// The name of the box of a scope.
pub(crate) fn box_name(scope: &Scope) -> String {
    format!("allow_{scope}")
}

/// Says what the app asks for, and asks for the decision.
pub(crate) fn approve(entity: &Entity, request: &ApprovalRequest, session: &Session) -> Page {
    let app = &request.app;
    let title = format!("Allow {}?", app.name);
    let body = html! {
        h1 { (title) }
        @if let Some(description) = &app.description { p { (description) } }
        p.quiet { (link(&app.url)) " asks to act for " strong { (entity) } "." }
        form method="post" action=(request.url) {
            input type="hidden" name="csrf" value=(session.csrf());
            (scopes(request))
            (types("Kinds of posts", &request.asked.post_types))
            (types("Parts of your profile", &request.asked.profile_info_types))
            @if let Some(url) = &request.asked.notification_url {
                h2 { "New posts are sent to" }
                p { code { (url) } }
            }
            p.quiet { "Either way you go on to " (destination(&request.redirect_uri)) "." }
            div.actions {
                button.main type="submit" name="decision" value="approve" { "Approve" }
                button type="submit" name="decision" value="deny" { "Deny" }
            }
        }
    };
    Page::new(&title, &html! {}, &body)
}

fn scopes(request: &ApprovalRequest) -> Markup {
    let scopes = &request.asked.scopes;
    if scopes.is_empty() {
        return html! { p { "It asks for nothing but what everybody can see." } };
    }
    html! {
        input name=(CHOICE) value="boxes" hidden;
        fieldset {
            legend { "It wants to" }
            ul.scopes {
                @for scope in scopes {
                    li {
                        label {
                            input type="checkbox" name=(box_name(scope)) value="yes" checked;
                            span { (scope_words(scope)) }
                            @if is_grave(scope) { span.grave { "This gives it control of your account." } }
                            (reason(request, scope))
                        }
                    }
                }
            }
        }
    }
}

/// Why the app wants it, in the app's own words.
fn reason(request: &ApprovalRequest, scope: &Scope) -> Markup {
    let reason = request
        .app
        .scopes
        .get(scope)
        .filter(|reason| !reason.trim().is_empty());
    html! {
        span.quiet {
            @match reason {
                Some(reason) => { "“" (reason) "”" }
                None => { "The app does not say why." }
            }
        }
    }
}

fn types(title: &str, types: &[TypeUri]) -> Markup {
    html! {
        @if !types.is_empty() {
            h2 { (title) }
            ul.list {
                @for one in types {
                    @if one.is_all() {
                        li { strong { "all" } }
                    } @else if let Some(name) = type_name(one) {
                        li title=(one) { (name) }
                    } @else {
                        li { code { (one) } }
                    }
                }
            }
        }
    }
}

/// A link if it leads to a page, and else its text.
fn link(url: &str) -> Markup {
    let is_web = Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
    html! {
        @if is_web { a href=(url) rel="noreferrer nofollow" { (url) } } @else { (url) }
    }
}

/// Where the redirect leads, as far as people need to know.
fn destination(redirect_uri: &str) -> Markup {
    let Ok(url) = Url::parse(redirect_uri) else {
        return html! { code { (redirect_uri) } };
    };
    html! {
        @if redirect::is_loopback(&url) {
            "a program on this device"
        } @else if let Some(host) = url.host_str() {
            strong { (host) }
        } @else {
            "the program that opens " code { (url.scheme()) ":" }
        }
    }
}
