//! `POST /posts`

use bytes::Bytes;
use http::{Method, Response};
use tent_flow::{Body, Request};

use super::{Access, Call, MEDIA_TYPE, Replay, request};
use crate::json::{DecodeError, decode};
use crate::{BuildError, Post, Server};

/// `POST /posts`: publishes a post. The answer is the post as the server keeps it, with its id.
///
/// Needs the scope `write_posts`. It is never sent again when it might have been received, since the
/// post would then be there twice.
///
/// Source: tent.io 0.2, app-server; `docs/protocol.md` §6.6.3.
#[derive(Debug, Clone)]
pub struct CreatePost {
    body: Result<Bytes, String>,
}

impl CreatePost {
    /// Publishes this post.
    pub fn new(post: &Post) -> Self {
        let body = serde_json::to_vec(post);
        Self {
            body: body.map(Bytes::from).map_err(|error| error.to_string()),
        }
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
        Ok(request(Method::POST, server.endpoint("posts").url()?)
            .with_header(http::header::CONTENT_TYPE, MEDIA_TYPE)
            .with_body(Body::from(body)))
    }

    fn answer(&self, _: &Server, answer: Response<Bytes>) -> Result<Post, DecodeError> {
        decode(answer.body())
    }
}
