//! Posts as people read them. What stands in one is text to us, whatever its author meant it to be
//! (`docs/protocol.md` §10.7).

use maud::{Markup, html};
use tent_proto::model::{Essay, Photo, Post, Status};
use tent_proto::{PostId, Timestamp, TypeUri};
use url::Url;

use super::essay::paragraphs;
use super::is_web;
use crate::date::Day;
use crate::server::Shared;

/// How much of an essay is shown, in characters.
const LENGTH: usize = 600;

/// The parameter that names the post before which to begin.
pub(crate) const BEFORE: &str = "before";

/// Some of the public posts.
#[derive(Debug)]
pub(crate) struct Posts {
    /// Newest first.
    pub(crate) shown: Vec<Post>,
    /// Whether the newest of all are among them.
    pub(crate) is_begin: bool,
    /// The oldest of them, if there are older ones.
    pub(crate) last: Option<PostId>,
}

/// Shows posts, and the way to the others.
pub(super) fn posts(server: &Shared, posts: &Posts) -> Markup {
    let path = server.page_path();
    let shown = posts.shown.iter().filter_map(|post| one(server, post));
    let shown: Vec<_> = shown.collect();
    html! {
        @if shown.is_empty() && posts.is_begin { p.quiet { "There are no public posts yet." } }
        @for post in shown { article { (post) } }
        @if !posts.is_begin || posts.last.is_some() {
            p.ways {
                @if !posts.is_begin { a href=(path) { "Newest posts" } }
                @if let Some(last) = &posts.last { a href={ (path) "?" (before(last)) } rel="next" { "Older posts" } }
            }
        }
    }
}

fn before(post: &PostId) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair(BEFORE, post.as_str()).finish()
}

/// A post, unless it is of a type that is not shown or has nothing to show.
fn one(server: &Shared, post: &Post) -> Option<Markup> {
    let (of, content) = (post.post_type.as_ref()?, post.content.as_ref()?);
    let text = if of.base() == TypeUri::status().base() {
        content.read().ok().map(|status: Status| words(status.text))
    } else if of.base() == TypeUri::photo().base() {
        content.read().ok().map(|photo: Photo| words(photo.caption))
    } else if of.base() == TypeUri::essay().base() {
        content.read().ok().map(|it| essay(&it))
    } else {
        None
    };
    let (text, files) = (text?, files(server, post));
    (!text.0.is_empty() || !files.0.is_empty()).then(|| {
        html! { (text) (files) @if let Some(time) = post.published_at { (date(time)) } }
    })
}

/// What somebody has to say, if anything.
fn words(text: Option<String>) -> Markup {
    let text = text.unwrap_or_default();
    html! { @if !text.trim().is_empty() { p.text { (linked(text.trim())) } } }
}

/// The files of a post, by their names: what is in them is for who opens them.
fn files(server: &Shared, post: &Post) -> Markup {
    let named = post
        .attachments
        .iter()
        .filter_map(|file| file.name.as_deref());
    let linked: Vec<_> = named
        .filter_map(|name| Some((name, file_url(server, post, name)?)))
        .collect();
    html! {
        @if !linked.is_empty() {
            ul.files { @for (name, url) in linked { li { a href=(url) rel="nofollow" { (name) } } } }
        }
    }
}

fn file_url(server: &Shared, post: &Post, name: &str) -> Option<Url> {
    let post = server
        .root
        .endpoint("posts")
        .segment(post.id.as_ref()?.as_str());
    post.segment("attachments").segment(name).url().ok()
}

/// What an essay is about, if it says so, and else how it begins.
fn essay(essay: &Essay) -> Markup {
    let filled = |html: Option<&str>| html.map(paragraphs).filter(|text| !text.is_empty());
    let text = filled(essay.excerpt.as_deref()).or_else(|| filled(essay.body.as_deref()));
    html! {
        @if let Some(title) = essay.title.as_deref().map(str::trim).filter(|title| !title.is_empty()) {
            h3 { (title) }
        }
        @for paragraph in shortened(text.unwrap_or_default()) { p.text { (paragraph) } }
    }
}

/// As many paragraphs as there is room for; a cut is marked.
fn shortened(paragraphs: Vec<String>) -> Vec<String> {
    let mut room = LENGTH;
    let mut shown = Vec::new();
    for paragraph in paragraphs {
        match paragraph.char_indices().nth(room) {
            None => {
                room -= paragraph.chars().count();
                shown.push(paragraph);
            }
            Some((cut, _)) => {
                let (begin, _) = paragraph.split_at(cut); // a character begins there
                shown.push(format!("{} …", begin.trim_end()));
                break;
            }
        }
    }
    shown
}

/// A text whose web addresses are links.
fn linked(text: &str) -> Markup {
    html! {
        @for word in text.split_inclusive(char::is_whitespace) {
            @let (address, rest) = address(word);
            @if is_web(address) { a href=(address) rel="noreferrer nofollow" { (address) } } @else { (address) }
            (rest)
        }
    }
}

/// What may be an address at the start of a word, without the punctuation after it, and the rest.
fn address(word: &str) -> (&str, &str) {
    let address =
        word.trim_end_matches(|c: char| c.is_whitespace() || ".,;:!?)]}\"'»”".contains(c));
    word.split_at(address.len()) // its own beginning
}

fn date(time: Timestamp) -> Markup {
    let day = Day::of(time.epoch_seconds());
    html! { p.quiet { time datetime=(day.iso()) { (day) } } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_become_links_and_nothing_else_does() {
        let link = |url: &str| format!(r#"<a href="{url}" rel="noreferrer nofollow">{url}</a>"#);
        for (text, expected) in [
            (
                "see https://a.example/x?y=1.",
                format!("see {}.", link("https://a.example/x?y=1")),
            ),
            (
                "http://a.example\nb",
                format!("{}\nb", link("http://a.example")),
            ),
            (
                "javascript:alert(1) a:b",
                "javascript:alert(1) a:b".to_owned(),
            ),
            ("<b>\"&", "&lt;b&gt;&quot;&amp;".to_owned()),
        ] {
            assert_eq!(linked(text).into_string(), expected);
        }
    }

    #[test]
    fn long_essays_are_cut_between_characters() {
        let long = "ü".repeat(LENGTH - 1);
        let shown = shortened(vec![long.clone(), "ab".to_owned(), "c".to_owned()]);
        assert_eq!(shown, [long, "a …".to_owned()]);
        let fits = vec!["ü".repeat(LENGTH)];
        assert_eq!(shortened(fits.clone()), fits);
    }
}
