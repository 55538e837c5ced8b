//! What goes to standard output, and what is told beside it.

use std::io::{self, IsTerminal as _, Write as _};

use serde::Serialize;
use tent_proto::Post;
use tent_proto::model::Status;

use crate::exit::Exit;
use crate::failure::{Failure, Outcome, Stop};
use crate::plain::{json_line, plain, plain_lines};
use crate::time;

/// Writes a line for people; what is in it and came from a peer has been made [`plain`].
pub(crate) fn line(text: &str) -> Outcome {
    bytes(format!("{text}\n").as_bytes())
}

/// Writes an object for scripts, on one line.
pub(crate) fn json(value: &(impl Serialize + ?Sized)) -> Outcome {
    let text = serde_json::to_string(value)
        .map_err(|error| Failure::local("the output could not be written as JSON", &error))?;
    line(&json_line(&text))
}

/// Tells a person something, on standard error. When that is closed, nobody wants to know.
pub(crate) fn tell(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}

/// Writes bytes as they are. Whoever reads them may have heard enough: that is no failure.
pub(crate) fn bytes(bytes: &[u8]) -> Outcome {
    let mut out = io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Err(Stop::Silently(Exit::Done)),
        Err(error) => Err(error.into()),
    }
}

/// Writes the body of an answer as it came; to a terminal, without what a terminal would obey.
pub(crate) fn body(body: &[u8]) -> Outcome {
    if !io::stdout().is_terminal() {
        return bytes(body);
    }
    match plain_lines(&String::from_utf8_lossy(body)) {
        text if text.is_empty() => Ok(()),
        text => line(&text),
    }
}

/// A post on one line: time, entity, the first line of its text or its type, id.
pub(crate) fn post_line(post: &Post) -> String {
    let time = post.published_at.or(post.received_at);
    let time = time.map_or_else(|| "-".to_owned(), time::show);
    let entity = post.entity.as_ref().map_or("-", |entity| entity.as_str());
    let id = post.id.as_ref().map_or("-", |id| id.as_str());
    let line = format!("{time:16}  {entity}  {}  {id}", first_line(post));
    plain(&line).into_owned()
}

/// The first line of a post's text, or its type.
pub(crate) fn first_line(post: &Post) -> String {
    let text = text_of(post).and_then(|text| text.lines().next().map(str::to_owned));
    let text = text.filter(|text| !text.trim().is_empty());
    let text = text.unwrap_or_else(|| format!("[{}]", short_type(post)));
    plain(&text).into_owned()
}

/// A post in full.
pub(crate) fn post_page(post: &Post) -> String {
    let entity = post.entity.as_ref().map_or("-", |entity| entity.as_str());
    let time = post.published_at.map_or_else(String::new, time::show);
    let seen = if post.is_public() {
        "public"
    } else {
        "not public"
    };
    let mut lines = vec![format!("{entity}  {time}  {seen}")];
    let id = post.id.as_ref().map_or("-", |id| id.as_str());
    let version = post.version.map(|version| format!("  version {version}"));
    let post_type = post.post_type.as_ref().map_or("-", |uri| uri.as_str());
    lines.push(format!("{id}  {post_type}{}", version.unwrap_or_default()));
    for mention in &post.mentions {
        let Some(entity) = &mention.entity else {
            continue;
        };
        let post = mention.post.as_ref().map(|post| format!("#{post}"));
        lines.push(format!("mentions {entity}{}", post.unwrap_or_default()));
    }
    for attachment in &post.attachments {
        let name = attachment.name.as_deref().unwrap_or("-");
        let size = attachment.size.map(|size| format!("  {size} bytes"));
        lines.push(format!("attached {name}{}", size.unwrap_or_default()));
    }
    lines.push(String::new());
    let content = post.content.as_ref();
    match (text_of(post), content) {
        (Some(text), _) => lines.extend(text.lines().map(str::to_owned)),
        (None, Some(content)) => lines.push(pretty(content.as_json())),
        (None, None) => {}
    }
    plain_lines(lines.join("\n").trim_end())
}

/// JSON with a line for each member.
pub(crate) fn pretty(json: &str) -> String {
    let value = serde_json::from_str::<serde_json::Value>(json);
    let text = value.and_then(|value| serde_json::to_string_pretty(&value));
    text.unwrap_or_else(|_| json.to_owned())
}

/// Whether it is a status, which has a text.
pub(crate) fn is_status(post: &Post) -> bool {
    let post_type = post.post_type.as_ref();
    post_type.is_some_and(|uri| uri.base().ends_with("/post/status"))
}

/// The text of a status.
fn text_of(post: &Post) -> Option<String> {
    if !is_status(post) {
        return None;
    }
    post.content::<Status>().ok()?.text
}

/// The last part of the type, as in `photo`.
fn short_type(post: &Post) -> &str {
    let base = post.post_type.as_ref().map_or("post", |uri| uri.base());
    base.rsplit('/').next().unwrap_or(base)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn post(json: &str) -> Post {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn a_line_is_one_line_and_has_no_escapes() {
        let post = post(
            r#"{"id":"p1\n","entity":"https://a.example","type":"https://tent.io/types/post/status/v0.1.0",
            "content":{"text":"Hi \u001b[31mthere\nsecond"},"published_at":99999999999999}"#,
        );
        assert_eq!(
            post_line(&post),
            "99999999999999    https://a.example  Hi [31mthere  p1"
        );
    }

    #[test]
    fn a_post_without_text_shows_its_type_and_one_with_nothing_still_a_line() {
        let photo =
            post(r#"{"id":"p2","type":"https://tent.io/types/post/photo/v0.1.0","content":[1]}"#);
        assert_eq!(post_line(&photo), "-                 -  [photo]  p2");
        assert_eq!(post_line(&post("{}")), "-                 -  [post]  -");
    }

    #[test]
    fn a_page_has_all_that_people_ask_for() {
        let post = post(
            r#"{"id":"p3","entity":"https://a.example","type":"https://tent.io/types/post/photo/v0.1.0",
            "version":2,"permissions":{"public":true},"content":{"caption":"x\u001b"},
            "mentions":[{"entity":"https://b.example","post":"q"}],
            "attachments":[{"name":"a\u0007.png","size":7}]}"#,
        );
        assert_eq!(
            post_page(&post),
            "https://a.example    public\n\
             p3  https://tent.io/types/post/photo/v0.1.0  version 2\n\
             mentions https://b.example#q\n\
             attached a.png  7 bytes\n\
             \n\
             {\n  \"caption\": \"x\\u001b\"\n}"
        );
    }
}
