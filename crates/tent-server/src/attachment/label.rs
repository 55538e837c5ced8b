//! What a part of a form says of its file.

use http::HeaderName;
use tent_proto::model::Attachment;
use tent_proto::multipart::Part;

use crate::error::ApiError;

/// How many bytes a name or a category has at most.
const LONGEST: usize = 255;

/// What is kept of it: a category without its index, a name that is no path, and a media type in lower
/// case, without parameters.
///
/// Source: `docs/protocol.md` §6.6.7 and §7.5.
pub(super) fn read(part: &Part) -> Result<Attachment, ApiError> {
    let category = part.category().unwrap_or_default();
    let category = category.strip_suffix("[]").unwrap_or(category);
    if !is_label(category) {
        return Err(ApiError::invalid(
            "a part of the form has no name that can be a category",
        ));
    }
    let name = part.file_name().unwrap_or_default();
    let name = name.rsplit(['/', '\\']).next().unwrap_or(name); // browsers of old send paths
    if !is_label(name) || matches!(name, "." | "..") {
        let text = format!("a file of the category {category} has no file name that can be kept");
        return Err(ApiError::invalid(text));
    }
    let media_type = part.media_type().unwrap_or("application/octet-stream");
    if !is_media_type(media_type) {
        let text = format!("the media type of {name} is none");
        return Err(ApiError::invalid(text));
    }
    let mut attachment = Attachment::default();
    attachment.category = Some(category.to_owned());
    attachment.name = Some(name.to_owned());
    attachment.media_type = Some(media_type.to_ascii_lowercase());
    Ok(attachment)
}

fn is_label(text: &str) -> bool {
    (1..=LONGEST).contains(&text.len()) && !text.contains(char::is_control)
}

/// Whether it is two tokens, as the names of headers are.
fn is_media_type(text: &str) -> bool {
    let is_token = |text: &str| HeaderName::from_bytes(text.as_bytes()).is_ok();
    text.len() <= LONGEST
        && !text.contains('*')
        && text
            .split_once('/')
            .is_some_and(|(kind, rest)| is_token(kind) && is_token(rest))
}
