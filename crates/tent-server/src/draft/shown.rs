//! Posts as the draft shows them.
//!
//! Source: `docs/protocol.md` §8.4.

use std::collections::BTreeMap;

use serde_json::value::{RawValue, to_raw_value};
use tent_proto::Post;
use tent_proto::draft::convert::{ConvertError, Converter};
use tent_proto::draft::model::{Post as DraftPost, TypeReference};
use tent_proto::model::{Content, Extra};

use crate::error::ApiError;
use crate::post::Seen;
use crate::storage::StoredPost;

/// The view in which a type is meant that names none.
const FULL: &str = "full";

/// A stored post as v0.2 has it, with its views.
pub(super) fn stored(stored: &StoredPost) -> Result<Post, ApiError> {
    let read = |text: &str| {
        let mut post: Post = serde_json::from_str(text)?;
        if let Some(views) = &stored.views {
            post.views = serde_json::from_str(views)?;
        }
        Ok::<_, serde_json::Error>(post)
    };
    read(&Seen::whole().text(stored)?).map_err(|error| ApiError::internal(&error))
}

/// A post, with the members that the draft knows and no others, in this view.
pub(super) fn shown(
    converter: &Converter,
    post: &Post,
    view: Option<&str>,
) -> Result<DraftPost, ConvertError> {
    let mut post = converter.post_from_v0(post)?;
    post.recipients.clear();
    post.extra = Extra::default();
    let content = post.content.as_ref().map(|content| in_view(content, view));
    post.content = content.transpose()?;
    Ok(post)
}

/// Content that says of its type that it is in this view.
fn in_view(content: &Content, view: Option<&str>) -> Result<Content, ConvertError> {
    with_type(content, |reference| reference.in_view(view.unwrap_or(FULL)))
}

/// Content as an app sends it: it is all there, whatever view it says it is in.
pub(super) fn without_view(content: &Content) -> Result<Content, ConvertError> {
    with_type(content, |mut reference| {
        reference.view = None;
        reference
    })
}

fn with_type(
    content: &Content,
    change: impl FnOnce(TypeReference) -> TypeReference,
) -> Result<Content, ConvertError> {
    let mut members: BTreeMap<String, Box<RawValue>> = content.read()?;
    if let Some(reference) = members.get("type") {
        let reference = serde_json::from_str(reference.get()).map_err(ConvertError::Write)?;
        let reference = to_raw_value(&change(reference)).map_err(ConvertError::Write)?;
        members.insert("type".to_owned(), reference);
    }
    Content::new(&members).map_err(ConvertError::Write)
}
