//! Attachments as they are stored: what posts have of them. Their files are in an
//! [`AttachmentFolder`](super::AttachmentFolder).

use std::fmt;

use tent_proto::model::Attachment;

use super::attachment_folder::KeptFile;
use super::{AccountKey, Cursor, Reply, Visible};

/// The SHA-256 of a file, which is its name in the folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Digest(pub(super) [u8; 32]);

impl Digest {
    /// Reads 64 hexadecimal digits.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        if text.len() != 64 || !text.bytes().all(is_digit) {
            return None;
        }
        let mut digest = [0; 32];
        for (index, byte) in digest.iter_mut().enumerate() {
            *byte = u8::from_str_radix(text.get(2 * index..2 * index + 2)?, 16).ok()?;
        }
        Some(Self(digest))
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// An attachment to be stored with a post.
#[derive(Debug)]
pub(crate) struct NewAttachment {
    /// As the post describes it. Name and type are always there.
    pub(crate) described: Attachment,
    /// Held until the post is stored.
    pub(crate) file: KeptFile,
}

/// An attachment of some name, as far as answers need it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StoredAttachment {
    /// Without parameters, in lower case.
    pub(crate) media_type: String,
    pub(crate) digest: Digest,
}

/// Attachments of posts, and which files they leave behind.
pub(crate) trait Attachments {
    /// Those of this name that a post has, or had in some version; none when the post is not seen.
    fn attachments(
        &self,
        account: AccountKey,
        post: Cursor,
        version: Option<u32>,
        name: String,
        visible: Visible,
    ) -> Reply<'_, Vec<StoredAttachment>>;

    /// Some files that lost a post which had them. They are told once.
    fn take_released(&self) -> Reply<'_, Vec<Digest>>;

    /// Which of these files no post has.
    fn unreferenced(&self, files: Vec<Digest>) -> Reply<'_, Vec<Digest>>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_read_back_and_nothing_else_is_one() {
        let digest = Digest(std::array::from_fn(|index| index as u8 * 8));
        let text = digest.to_string();
        assert!(text.starts_with("000810") && text.len() == 64, "{text}");
        assert_eq!(Digest::parse(&text), Some(digest));
        let upper = text.to_uppercase();
        let signed = format!("+1{}", &text[2..]);
        for other in ["", &text[1..], &upper, &signed, &"é".repeat(32)] {
            assert_eq!(Digest::parse(other), None, "{other:?}");
        }
    }
}
