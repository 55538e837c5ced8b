//! `POST /posts`

use bytes::Bytes;
use http::{Method, Response};
use tent_flow::Request;

use super::{created, with_json};
use crate::call::{Access, Call, Receive, ReceiveError, Received, Replay};
use crate::draft::model::Post;
use crate::json::DecodeError;
use crate::{BuildError, FindPost, PostId, Server, Session, Timestamp};

/// `POST /posts`: publishes a post.
///
/// The document shows an answer without a body; its id is given where the server tells it. It is never
/// sent again when it might have been received:
/// [`CallError::OutcomeUnknown`](crate::CallError::OutcomeUnknown) then has a flow that looks for the post.
///
/// A post without recipients is for everybody. So one whose `scope` says that it is not, as a private
/// one that was [converted](crate::draft::convert), is not sent without recipients.
///
/// Source: `docs/protocol.md` §8.2.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CreatePost {
    /// The post, without id, entity and scope.
    pub post: Post,
}

impl CreatePost {
    /// Publishes this post.
    pub const fn new(post: Post) -> Self {
        Self { post }
    }
}

impl Call for CreatePost {
    type Answer = Option<PostId>;

    fn access(&self) -> Access {
        Access::Signed
    }

    fn replay(&self) -> Replay {
        Replay::OnlyIfUnsent
    }

    fn request(&self, server: &Server) -> Result<Request, BuildError> {
        let scope = self.post.scope.as_deref();
        if self.post.recipients.is_empty() && scope.is_some_and(|scope| scope != "public") {
            return Err(BuildError::NoRecipients);
        }
        with_json(Method::POST, server.endpoint("posts").url()?, &self.post)
    }

    fn answer(&self, _: &Server, answer: Response<Bytes>) -> Result<Option<PostId>, DecodeError> {
        Ok(created(&answer).map(Into::into))
    }

    fn search(&self, session: &Session, begun: Timestamp) -> Option<FindPost> {
        let post = self.post.clone();
        Some(FindPost::of_the_draft(session, post, begun))
    }
}

impl Receive for CreatePost {
    fn receive(request: &Received<'_>) -> Result<Self, ReceiveError> {
        let [] = request.matching(&Method::POST, "posts")?;
        Ok(Self::new(request.json()?))
    }
}
