//! Posts as somebody sees them.
//!
//! Source: tent.io 0.2, app-server and post-types; `docs/protocol.md` §6.7 and §7.4.3.

use std::fmt::Write as _;

use serde_json::value::RawValue;
use tent_proto::Scope;
use tent_proto::model::Post;

use crate::caller::Caller;
use crate::storage::{Grant, StorageError, StoredPost};

/// Which members of a post somebody sees (`docs/protocol.md` §6.7 and §7.4.3).
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    times: bool,
    permissions: bool,
    /// The view that was asked for, when it is not all of the post.
    view: Option<String>,
}

impl Seen {
    pub(crate) fn by(caller: &Caller) -> Self {
        Self {
            times: caller.grant().is_some(),
            permissions: caller.has(&Scope::ReadPermissions),
            view: None,
        }
    }

    /// What other servers are sent.
    pub(crate) const fn by_server() -> Self {
        Self {
            times: false,
            permissions: false,
            view: None,
        }
    }

    /// What an app is sent that was granted this.
    pub(crate) fn by_app(grant: &Grant) -> Self {
        Self {
            times: true,
            permissions: grant.has(&Scope::ReadPermissions),
            view: None,
        }
    }

    /// All that is stored, for the server itself.
    pub(crate) const fn whole() -> Self {
        Self {
            times: true,
            permissions: true,
            view: None,
        }
    }

    /// What a view of that name leaves of posts.
    pub(crate) fn through(self, view: Option<String>) -> Self {
        let view = view.filter(|view| view != "full");
        Self { view, ..self }
    }

    /// Whether posts are written as they are stored, without their views.
    pub(crate) const fn is_of_whole(&self) -> bool {
        self.view.is_none()
    }

    /// Whether it is written who may see a post.
    pub(crate) const fn has_permissions(&self) -> bool {
        self.permissions
    }

    pub(crate) fn text(&self, post: &StoredPost) -> Result<String, StorageError> {
        let mut text = String::with_capacity(post.members.len() + 128);
        self.write(post, &mut text)?;
        Ok(text)
    }

    /// Writes the post.
    pub(crate) fn write(&self, post: &StoredPost, text: &mut String) -> Result<(), StorageError> {
        let Some(view) = &self.view else {
            self.write_whole(&post.into(), text);
            return Ok(());
        };
        let mut whole = String::with_capacity(post.members.len() + 128);
        self.write_whole(&post.into(), &mut whole);
        text.push_str(&view_of(post, &whole, view)?);
        Ok(())
    }

    /// Writes all of a post, by copying what is stored.
    pub(crate) fn write_whole(&self, post: &Fragments<'_>, text: &mut String) {
        text.push('{');
        text.push_str(post.members);
        if self.times {
            let (received, updated) = (post.received_at, post.updated_at);
            // To a string, which takes all.
            let _ = write!(text, ",\"received_at\":{received},\"updated_at\":{updated}");
        }
        text.push_str(",\"permissions\":{\"public\":");
        text.push_str(if post.public { "true" } else { "false" });
        if self.permissions {
            text.push_str(",\"groups\":");
            push_groups(post.groups, text);
            text.push_str(",\"entities\":");
            text.push_str(post.entities);
        }
        text.push_str("}}");
    }
}

/// What of a stored post makes its text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fragments<'a> {
    pub(crate) members: &'a str,
    pub(crate) received_at: i64,
    pub(crate) updated_at: i64,
    pub(crate) public: bool,
    /// These count when [permissions](Seen::has_permissions) are seen.
    pub(crate) entities: &'a str,
    pub(crate) groups: &'a str,
}

impl<'a> From<&'a StoredPost> for Fragments<'a> {
    fn from(post: &'a StoredPost) -> Self {
        Self {
            members: &post.members,
            received_at: post.received_at,
            updated_at: post.updated_at,
            public: post.public,
            entities: &post.entities,
            groups: &post.groups,
        }
    }
}

/// Writes the ids of groups as objects.
fn push_groups(ids: &str, text: &mut String) {
    let ids: Vec<&RawValue> = serde_json::from_str(ids).unwrap_or_default();
    text.push('[');
    for (index, id) in ids.iter().enumerate() {
        text.push_str(if index > 0 { ",{\"id\":" } else { "{\"id\":" });
        text.push_str(id.get());
        text.push('}');
    }
    text.push(']');
}

fn view_of(post: &StoredPost, whole: &str, view: &str) -> Result<String, serde_json::Error> {
    let mut whole: Post = serde_json::from_str(whole)?;
    if let Some(views) = &post.views {
        whole.views = serde_json::from_str(views)?;
    }
    serde_json::to_string(&whole.seen_as(view))
}
