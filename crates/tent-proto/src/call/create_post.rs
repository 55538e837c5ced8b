//! `POST /posts`

use std::fmt;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method, Response};
use tent_flow::{Body, Request, Seed};

use super::{Access, Call, MEDIA_TYPE, Replay, request};
use crate::json::{DecodeError, decode};
use crate::multipart::{self, Boundary};
use crate::{BuildError, Post, Server, Upload};

/// `POST /posts`: publishes a post. The answer is the post as the server keeps it, with its id.
///
/// Needs the scope `write_posts`. It is never sent again when it might have been received, since the
/// post would then be there twice.
///
/// Source: tent.io 0.2, app-server; `docs/protocol.md` §6.6.3.
///
/// ```
/// use tent_flow::Seed;
/// use tent_flow::script::{Answer, Script};
/// use tent_proto::call::CreatePost;
/// use tent_proto::{Post, Upload};
/// # use tent_proto::mac::{Algorithm, Credentials};
/// # let session = tent_proto::Session::new(
/// #     "https://alice.example".parse()?,
/// #     vec!["https://alice.example".parse()?],
/// #     Credentials::new("u:1", "k", Algorithm::HmacSha256)?,
/// #     Seed::new([7; 32]),
/// # );
/// # let seed = || Seed::new([8; 32]);
///
/// let photo = Upload::bytes("photos", "quay.jpg", vec![0xff, 0xd8, 0xff]);
/// let call = CreatePost::new(&Post::status("The quay")).attaching([photo], seed());
///
/// let mut server = Script::new().on("POST", "https://alice.example/posts", Answer::json("{}"));
/// server.run(session.call(call))?;
/// let sent = server.seen()[0].header("content-type");
/// assert!(sent.starts_with("multipart/form-data; boundary="));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct CreatePost {
    body: Result<Bytes, String>,
    uploads: Vec<Upload>,
    boundary: Option<Boundary>,
}

impl CreatePost {
    /// Publishes this post.
    pub fn new(post: &Post) -> Self {
        let body = serde_json::to_vec(post);
        Self {
            body: body.map(Bytes::from).map_err(|error| error.to_string()),
            uploads: Vec::new(),
            boundary: None,
        }
    }

    /// Attaches files. The seed makes what stands between them in the request.
    #[must_use]
    pub fn attaching(mut self, uploads: impl IntoIterator<Item = Upload>, seed: Seed) -> Self {
        self.uploads.extend(uploads);
        self.boundary = Some(Boundary::new(seed));
        self
    }
}

impl fmt::Debug for CreatePost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CreatePost")
            .field("bytes", &self.body.as_ref().map(Bytes::len))
            .field("uploads", &self.uploads)
            .finish_non_exhaustive()
    }
}

impl Call for CreatePost {
    type Answer = Post;

    fn access(&self) -> Access {
        Access::Signed
    }

    fn replay(&self) -> Replay {
        Replay::OnlyIfUnsent
    }

    fn request(&self, server: &Server) -> Result<Request, BuildError> {
        let body = self.body.clone().map_err(|error| {
            BuildError::Json(<serde_json::Error as serde::ser::Error>::custom(error))
        })?;
        let request = request(Method::POST, server.endpoint("posts").url()?);
        let (media_type, body) = match &self.boundary {
            Some(boundary) if !self.uploads.is_empty() => {
                let media_type = HeaderValue::try_from(boundary.content_type());
                let media_type = media_type.map_err(|_| BuildError::Header("Content-Type"))?;
                (media_type, multipart::body(boundary, &body, &self.uploads)?)
            }
            _ => (MEDIA_TYPE, Body::from(body)),
        };
        Ok(request
            .with_header(CONTENT_TYPE, media_type)
            .with_body(body))
    }

    fn answer(&self, _: &Server, answer: Response<Bytes>) -> Result<Post, DecodeError> {
        decode(answer.body())
    }
}
