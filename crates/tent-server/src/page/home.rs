//! The page of the entity.

use maud::html;
use tent_proto::Entity;
use tent_proto::model::Basic;
use url::Url;

use super::Page;

/// Shows the public profile, with the link that discovery looks for.
pub(crate) fn home(entity: &Entity, basic: &Basic, relation: &str, profile: &str) -> Page {
    let filled = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
    let name = filled(&basic.name).unwrap_or_else(|| entity.to_string());
    let website = filled(&basic.website_url);
    let is_web =
        |url: &str| Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
    let body = html! {
        h1 { (name) }
        p.quiet { (entity) }
        @if let Some(bio) = filled(&basic.bio) { p { (bio) } }
        @if let Some(location) = filled(&basic.location) { p { (location) } }
        @if let Some(url) = website.as_deref().filter(|url| is_web(url)) {
            p { a href=(url) rel="me noreferrer" { (url) } }
        }
    };
    Page::new(&name, &html! { link rel=(relation) href=(profile); }, &body)
}
