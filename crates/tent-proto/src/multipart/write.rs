//! Writing a form.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use bytes::Bytes;
use tent_flow::{Body, Segment};

use super::Boundary;
use crate::{BuildError, Upload};

/// The body: the post first, as servers need it, then the files, each with a length that is known
/// before it is read.
///
/// The post is known by its type, and needs a file name to count as a part. Files of one category are
/// numbered, since a name that is repeated means the last file alone (`docs/protocol.md` §6.6.7).
pub(crate) fn body(
    boundary: &Boundary,
    post: &Bytes,
    uploads: &[Upload],
) -> Result<Body, BuildError> {
    let mut names = BTreeSet::new();
    let mut segments = Vec::with_capacity(2 * uploads.len() + 3);
    let boundary = boundary.as_str();
    let head = part(
        boundary,
        "post",
        "post.json",
        "application/vnd.tent.v0+json",
        post.len() as u64,
    );
    segments.push(Segment::Bytes(head.into()));
    segments.push(Segment::Bytes(post.clone()));
    for (index, upload) in uploads.iter().enumerate() {
        check(upload)?;
        if !names.insert((upload.name(), upload.media_type())) {
            return Err(BuildError::Attachment(
                upload.name().to_owned(),
                "is there twice",
            ));
        }
        let is_of_category = |other: &&Upload| other.category() == upload.category();
        let mut category = upload.category().to_owned();
        if uploads.iter().filter(is_of_category).count() > 1 {
            let before = uploads.iter().take(index).filter(is_of_category).count();
            category = format!("{category}[{before}]");
        }
        let head = part(
            boundary,
            &category,
            upload.name(),
            upload.media_type(),
            upload.len(),
        );
        segments.push(Segment::Bytes(format!("\r\n{head}").into()));
        segments.push(upload.content().clone());
    }
    segments.push(Segment::Bytes(format!("\r\n--{boundary}--\r\n").into()));
    Ok(Body::from_segments(segments))
}

fn part(boundary: &str, name: &str, filename: &str, media_type: &str, length: u64) -> String {
    let mut head = format!("--{boundary}\r\n");
    // Writing into a string never fails.
    let _ = write!(
        head,
        "Content-Disposition: form-data; name=\"{name}\"; filename=\"{filename}\"\r\n\
         Content-Length: {length}\r\n\
         Content-Type: {media_type}\r\n\
         Content-Transfer-Encoding: binary\r\n\r\n"
    );
    head
}

/// Refuses what would break the head of a part, or what servers read in different ways.
fn check(upload: &Upload) -> Result<(), BuildError> {
    let is_bad = |text: &str, bad: &[char]| {
        text.is_empty() || text.contains(bad) || text.contains(char::is_control)
    };
    let refuse = |what| Err(BuildError::Attachment(upload.name().to_owned(), what));
    if is_bad(upload.name(), &['"', '\\', '/']) {
        return refuse("has a name that cannot be sent");
    }
    if is_bad(upload.category(), &['"', '\\', '[', ']']) {
        return refuse("has a category that cannot be sent");
    }
    let is_type = upload
        .media_type()
        .split_once('/')
        .is_some_and(|(kind, rest)| {
            let token = |text: &str| {
                let is_mark = |byte| b"!#$&^_.+-".contains(&byte);
                !text.is_empty()
                    && text
                        .bytes()
                        .all(|byte| byte.is_ascii_alphanumeric() || is_mark(byte))
            };
            token(kind) && token(rest)
        });
    if is_type {
        Ok(())
    } else {
        refuse("has a media type that is none, or has parameters")
    }
}
