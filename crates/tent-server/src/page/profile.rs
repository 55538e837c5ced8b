//! The page of the entity: the public profile, and the newest public posts.

use maud::{Markup, html};
use tent_proto::model::Basic;

use super::posts::{Posts, posts};
use super::{Here, Page, is_web, link};
use crate::server::Shared;
use crate::session::Session;

/// What everybody may see of an entity.
#[derive(Debug)]
pub(crate) struct Profile {
    pub(crate) basic: Basic,
    pub(crate) posts: Posts,
}

/// Shows the public profile; to the owner, with the way to their other pages. `discovery` is the link
/// that discovery looks for, for the head of the page.
pub(crate) fn profile(
    server: &Shared,
    profile: &Profile,
    owner: Option<&Session>,
    discovery: Markup,
) -> Page {
    let entity = &server.account.entity;
    let basic = &profile.basic;
    let name = filled(basic.name.as_ref()).unwrap_or(entity.as_str());
    let body = html! {
        div.person {
            (picture(name, filled(basic.avatar_url.as_ref())))
            div {
                h1 { (name) }
                p.quiet { (entity) }
            }
        }
        @if let Some(bio) = filled(basic.bio.as_ref()) { p.text { (bio) } }
        @if let Some(location) = filled(basic.location.as_ref()) { p.quiet { (location) } }
        @if let Some(url) = filled(basic.website_url.as_ref()).filter(|url| is_web(url)) { p { (link(url)) } }
        section {
            h2 { "Posts" }
            (posts(server, &profile.posts))
        }
        @if owner.is_none() {
            footer { p.quiet { a href=(server.link_to("/settings")) { "Sign in" } } }
        }
    };
    let page = Page::new(name, body).with_head(discovery);
    match owner {
        Some(session) => page.with_navigation(server, session, Here::Profile),
        None => page,
    }
}

fn filled(text: Option<&String>) -> Option<&str> {
    text.map(|text| text.trim()).filter(|text| !text.is_empty())
}

/// An initial in place of the picture, which may be anywhere and would tell its server who looks. It
/// leads to the picture for who wants to see it (`docs/protocol.md` §10.7).
fn picture(name: &str, url: Option<&str>) -> Markup {
    let name = name
        .trim_start_matches("https://")
        .trim_start_matches("http://");
    let initial = name.chars().next().map(char::to_uppercase);
    let initial: String = initial.into_iter().flatten().collect();
    html! {
        @if let Some(url) = url.filter(|url| is_web(url)) {
            a.picture href=(url) rel="noreferrer nofollow" title="The picture" aria-label="The picture" { (initial) }
        } @else {
            span.picture aria-hidden="true" { (initial) }
        }
    }
}
