//! Deciding what an app may do.

use maud::{Markup, html};
use tent_proto::{Entity, Scope, TypeUri};
use url::Url;

use super::words::{is_grave, scope_words, type_words};
use super::{Page, csrf, link};
use crate::approval::ApprovalRequest;
use crate::redirect;
use crate::session::Session;

/// The field that a browser sends along with the boxes, since it sends those alone that are ticked.
pub(crate) const CHOICE: &str = "choice";
/// The boxes of the types of posts.
pub(crate) const POST_TYPE: &str = "post_type";
/// The boxes of the types of profile sections.
pub(crate) const PROFILE_TYPE: &str = "profile_info_type";
/// The box of the notification URL.
pub(crate) const NOTIFICATIONS: &str = "notification_url";

/// The name of the box of a scope.
pub(crate) fn box_name(scope: &Scope) -> String {
    format!("allow_{scope}")
}

/// Says what the app asks for, and asks for the decision.
pub(crate) fn approve(entity: &Entity, request: &ApprovalRequest, session: &Session) -> Page {
    let (app, asked) = (&request.app, &request.asked);
    let title = format!("Allow {}?", app.name);
    let body = html! {
        h1 { (title) }
        @if let Some(description) = &app.description { p { (description) } }
        p.quiet {
            strong { (app.name) }
            @if app.url != entity.as_str() { ", of " (link(&app.url)) "," }
            " asks to act for " strong { (entity) } ". Untick what it shall not do."
        }
        form method="post" action=(request.url) {
            (csrf(session))
            input name=(CHOICE) value="boxes" hidden;
            (scopes(request))
            (types("Kinds of posts", POST_TYPE, &asked.post_types))
            (types("Parts of your profile", PROFILE_TYPE, &asked.profile_info_types))
            @if let Some(url) = &asked.notification_url {
                fieldset {
                    legend { "New posts" }
                    ul.choices { li { (choice(NOTIFICATIONS, url, true, &html! { "Send them to " code { (url) } })) } }
                }
            }
            p.quiet.end { "Either way you go on to " (destination(&request.redirect_uri)) "." }
            div.actions {
                button.main type="submit" name="decision" value="approve" { "Approve" }
                button type="submit" name="decision" value="deny" { "Deny" }
            }
        }
    };
    Page::new(title, body).leading_away()
}

fn scopes(request: &ApprovalRequest) -> Markup {
    let scopes = &request.asked.scopes;
    if scopes.is_empty() {
        return html! { p { "It asks for nothing but what everybody can see." } };
    }
    html! {
        fieldset {
            legend { "It wants to" }
            ul.choices {
                @for scope in scopes {
                    @let declared = request.app.scopes.get(scope);
                    @let text = html! {
                        (scope_words(scope))
                        @if is_grave(scope) { span.grave { "This gives it control of your account." } }
                        (reason(declared.map(String::as_str)))
                    };
                    li { (choice(&box_name(scope), "yes", declared.is_some(), &text)) }
                }
            }
        }
    }
}

/// Why the app wants it, in the app's own words. What it did not declare when it registered it has
/// given no reason for, and the owner has to tick that.
fn reason(declared: Option<&str>) -> Markup {
    html! {
        @match declared.map(str::trim) {
            None => span.grave { "It did not say so when it registered." },
            Some("") => span.quiet { "The app does not say why." },
            Some(reason) => span.quiet { "“" (reason) "”" },
        }
    }
}

fn types(title: &str, name: &str, types: &[TypeUri]) -> Markup {
    html! {
        @if !types.is_empty() {
            fieldset {
                legend { (title) }
                ul.choices {
                    @for one in types { li { (choice(name, one.as_str(), true, &type_words(one))) } }
                }
            }
        }
    }
}

/// A box with what it stands for.
fn choice(name: &str, value: &str, ticked: bool, text: &Markup) -> Markup {
    html! {
        label {
            input type="checkbox" name=(name) value=(value) checked[ticked];
            span { (text) }
        }
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
