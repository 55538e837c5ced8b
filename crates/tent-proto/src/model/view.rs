//! Views of posts.

mod condition;
mod pointer;

use std::collections::BTreeMap;

use serde_json::value::RawValue;

pub use self::condition::Condition;
pub use self::pointer::Pointer;
use super::extra::Empty;
use super::object::object;
use super::{Content, Post};

object! {
    /// What of a post those get who ask for it by a name that its publisher chose.
    ///
    /// ```
    /// use tent_proto::Post;
    /// use tent_proto::model::{Condition, Essay, View};
    ///
    /// let teaser = View::default()
    ///     .content("title")
    ///     .attachments(Condition::category("thumbnails"));
    /// let essay = Essay::new("<p>The tide…</p>").title("Tides");
    /// let post = Post::from(essay).with_view("teaser", teaser);
    ///
    /// let seen = post.seen_as("teaser");
    /// assert_eq!(seen.content.unwrap().as_json(), r#"{"title":"Tides"}"#);
    /// ```
    ///
    /// Source: tent.io 0.2, post-types; `docs/protocol.md` §7.4.3.
    pub struct View {
        /// What of the content. Without any there is none.
        pub content: Vec<Pointer> = "content",
        /// Which attachments: those that one of the conditions fits. Without any condition all of them,
        /// but for a list that was written empty.
        pub attachments: Vec<Condition> = "attachments",
    }
}

impl View {
    /// Adds a part of the content.
    #[must_use]
    pub fn content(mut self, path: impl Into<Pointer>) -> Self {
        self.content.push(path.into());
        self
    }

    /// Adds the attachments that a condition fits.
    #[must_use]
    pub fn attachments(mut self, condition: Condition) -> Self {
        self.attachments.push(condition);
        self
    }

    /// Leaves out all attachments.
    #[must_use]
    pub fn without_attachments(mut self) -> Self {
        self.attachments.clear();
        self.extra.set_empty("attachments", Empty::Array);
        self
    }

    /// Whether it lets no attachment through.
    fn hides_attachments(&self) -> bool {
        self.extra.get("attachments") == Some("[]")
    }
}

impl Post {
    /// What of this post somebody gets who asks for a view of it.
    ///
    /// `full` is everything, `meta` all but content and attachments. Any other name is looked up among
    /// the post's views. What it picks from the content is laid out flat, each under the last name of
    /// its path, and `null` where there is nothing. A name that is not defined gives empty content and
    /// all attachments. Views themselves are never shown.
    ///
    /// Source: tent.io 0.2, post-types; `docs/protocol.md` §7.4.3.
    #[must_use]
    pub fn seen_as(mut self, view: &str) -> Self {
        let views = std::mem::take(&mut self.views);
        self.extra.remove("views");
        match view {
            "full" => {}
            "meta" => {
                self.content = None;
                self.attachments.clear();
                for name in ["content", "attachments"] {
                    self.extra.remove(name); // where it came empty
                }
            }
            name => {
                let undefined = View::default();
                let view = views.get(name).unwrap_or(&undefined);
                self.content = pick(self.content.as_ref(), &view.content);
                let conditions = &view.attachments;
                self.attachments.retain(|attachment| {
                    let all = conditions.is_empty() && !view.hides_attachments();
                    all || conditions.iter().any(|one| one.fits(attachment))
                });
            }
        }
        self
    }
}

/// What the paths lead to, in one flat object.
fn pick(content: Option<&Content>, paths: &[Pointer]) -> Option<Content> {
    let picked = paths.iter().map(|path| {
        let found = content.and_then(|content| path.find(content.as_json()));
        (path.name(), found)
    });
    let picked: BTreeMap<_, Option<&RawValue>> = picked.collect();
    Content::new(&picked).ok() // names and JSON are always JSON
}
