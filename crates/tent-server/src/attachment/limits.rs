//! How much may be attached.

/// How much may be attached to a post. More is refused with `413`.
///
/// ```
/// use tent_server::{AttachmentLimits, TentServer};
///
/// let mut limits = AttachmentLimits::default();
/// limits.file = 10 * 1024 * 1024;
/// let builder = TentServer::builder().attachment_limits(limits);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct AttachmentLimits {
    /// How many bytes a file has at most. 4 GiB unless something else is said.
    pub file: u64,
    /// How many bytes a post and its files have together at most, with what stands between them.
    /// 8 GiB unless something else is said.
    pub post: u64,
    /// How many files a post has at most. 100 unless something else is said.
    pub files: usize,
}

impl Default for AttachmentLimits {
    fn default() -> Self {
        const GIB: u64 = 1024 * 1024 * 1024;
        Self {
            file: 4 * GIB,
            post: 8 * GIB,
            files: 100,
        }
    }
}
