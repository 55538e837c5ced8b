//! `PUT /posts/:id`

use bytes::Bytes;
use http::{Method, Response};
use serde::Serialize;
use tent_flow::Request;

use super::{Access, Call, Replay, request_with_json};
use crate::json::{DecodeError, decode};
use crate::model::{Content, Mention};
use crate::{BuildError, Post, PostId, Server};

/// `PUT /posts/:id`: makes a new version of a post.
///
/// Servers apply the content, licenses, mentions and views alone. Each that is given replaces what was
/// there; mentions that are left out are removed, so they are always sent.
///
/// Needs the scope `write_posts`.
///
/// Source: tent.io 0.2, app-server; `docs/protocol.md` §6.6.3.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct UpdatePost {
    /// Which post of the person.
    pub id: PostId,
    /// What it shall be.
    pub post: Post,
}

impl UpdatePost {
    /// Makes this the newest version of the post.
    pub fn new(id: impl Into<PostId>, post: Post) -> Self {
        Self {
            id: id.into(),
            post,
        }
    }
}

impl Call for UpdatePost {
    type Answer = Post;

    fn access(&self) -> Access {
        Access::Signed
    }

    fn replay(&self) -> Replay {
        Replay::OnlyIfUnsent
    }

    fn request(&self, server: &Server) -> Result<Request, BuildError> {
        let url = server.endpoint("posts").segment(self.id.as_str()).url()?;
        let Post {
            content,
            licenses,
            mentions,
            views,
            ..
        } = &self.post;
        let body = Body {
            content: content.as_ref(),
            licenses,
            mentions,
            views: views.as_ref(),
        };
        request_with_json(Method::PUT, url, &body)
    }

    fn answer(&self, _: &Server, answer: Response<Bytes>) -> Result<Post, DecodeError> {
        decode(answer.body())
    }
}

#[derive(Serialize)]
struct Body<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<&'a Content>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    licenses: &'a [String],
    mentions: &'a [Mention],
    #[serde(skip_serializing_if = "Option::is_none")]
    views: Option<&'a Content>,
}
