//! `PUT /posts/:id` as a form

use std::fmt;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method, Response};
use tent_flow::{Request, Seed};

use super::{Access, Call, Replay, UpdatePost, request};
use crate::json::DecodeError;
use crate::multipart::{self, Boundary};
use crate::{BuildError, Post, Server, Upload};

/// `PUT /posts/:id` as a form: an [`UpdatePost`] whose files take the place of all those that the post
/// has.
///
/// The reference server takes them only for a post that has no attachments: else it answers `422`, and
/// yet makes the new version without them.
///
/// Needs the scope `write_posts`. It is never sent again when it might have been received.
///
/// Source: tent.io 0.2, app-server; `docs/protocol.md` §6.6.3 and §6.6.7.
///
/// ```
/// use tent_flow::Seed;
/// use tent_proto::call::UpdatePost;
/// use tent_proto::{Post, Upload};
///
/// let quay = Upload::bytes("photos", "quay.jpg", vec![0xff, 0xd8, 0xff]);
/// let call = UpdatePost::new("p1", Post::status("The quay"));
/// let call = call.replacing_attachments([quay], Seed::new([7; 32]));
/// assert_eq!(call.uploads().len(), 1);
/// ```
#[derive(Clone)]
pub struct ReplaceAttachments {
    update: UpdatePost,
    uploads: Vec<Upload>,
    boundary: Boundary,
}

impl ReplaceAttachments {
    pub(super) fn new(
        update: UpdatePost,
        uploads: impl IntoIterator<Item = Upload>,
        seed: Seed,
    ) -> Self {
        Self {
            update,
            uploads: uploads.into_iter().collect(),
            boundary: Boundary::new(seed),
        }
    }

    /// What else changes.
    pub const fn update(&self) -> &UpdatePost {
        &self.update
    }

    /// The files.
    pub fn uploads(&self) -> &[Upload] {
        &self.uploads
    }
}

/// The same update with the same files.
impl PartialEq for ReplaceAttachments {
    fn eq(&self, other: &Self) -> bool {
        (&self.update, &self.uploads) == (&other.update, &other.uploads)
    }
}

impl fmt::Debug for ReplaceAttachments {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReplaceAttachments")
            .field("update", &self.update)
            .field("uploads", &self.uploads)
            .finish_non_exhaustive()
    }
}

impl Call for ReplaceAttachments {
    type Answer = Post;

    fn access(&self) -> Access {
        self.update.access()
    }

    fn replay(&self) -> Replay {
        self.update.replay()
    }

    fn request(&self, server: &Server) -> Result<Request, BuildError> {
        let url = server.endpoint("posts").segment(self.update.id.as_str());
        let post = serde_json::to_vec(&self.update.body()).map_err(BuildError::Json)?;
        let media_type = HeaderValue::try_from(self.boundary.content_type());
        let media_type = media_type.map_err(|_| BuildError::Header("Content-Type"))?;
        let body = multipart::body(&self.boundary, &post.into(), &self.uploads)?;
        Ok(request(Method::PUT, url.url()?)
            .with_header(CONTENT_TYPE, media_type)
            .with_body(body))
    }

    fn answer(&self, server: &Server, answer: Response<Bytes>) -> Result<Post, DecodeError> {
        self.update.answer(server, answer)
    }
}
