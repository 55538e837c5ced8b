//! Following somebody.

use maud::html;
use tent_proto::Entity;

use super::{Here, Page, csrf, link};
use crate::server::Shared;
use crate::session::Session;

/// How it stands with somebody whom the owner may want to follow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum FollowState {
    Asked,
    Followed,
    /// It was tried, and this came in between.
    Failed(String),
}

/// Asks whether to follow somebody, or says that this is so.
pub(crate) fn follow(
    server: &Shared,
    session: &Session,
    entity: &Entity,
    state: FollowState,
) -> Page {
    let url = format!("{}/follow", server.root_path());
    let is_followed = state == FollowState::Followed;
    let title = if is_followed { "Followed" } else { "Follow?" };
    let body = html! {
        h1 { (title) }
        p { (link(entity.as_str())) }
        @match &state {
            FollowState::Followed => p.done role="status" { strong { (server.account.entity) } " follows them. Their new posts come to your server." }
            FollowState::Asked => p.quiet { "New posts of theirs will come to your server, and everybody can see that " strong { (server.account.entity) } " follows them." }
            FollowState::Failed(why) => p.alert role="alert" { "That did not work: " (why) "." }
        }
        @if !is_followed {
            form method="post" action={ (url) "?" (query(entity)) } {
                (csrf(session))
                div.actions { button.main type="submit" { "Follow" } }
            }
        }
    };
    Page::new(title, body).with_navigation(server, session, Here::Elsewhere)
}

fn query(entity: &Entity) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("entity", entity.as_str()).finish()
}
