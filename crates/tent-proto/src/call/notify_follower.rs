//! `POST /:notification_path`

use bytes::Bytes;
use http::{Method, Response};
use tent_flow::Request;

use super::{Access, Call, Receive, ReceiveError, Received, Replay, request_with_json};
use crate::follow::NotificationPath;
use crate::json::DecodeError;
use crate::{BuildError, Post, Server};

/// `POST /:notification_path`: delivers a post to the server of a follower, signed with the credential
/// of that follower.
///
/// Whoever receives it goes by entity, id and version of the post, so it may be sent again. An app
/// receives the same at the URL that it asked for, with a
/// [`Receiver`](crate::notification::Receiver).
///
/// Source: tent.io 0.2, server-protocol; `docs/protocol.md` §6.9.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct NotifyFollower {
    /// What the request to follow said.
    pub notification_path: NotificationPath,
    /// What is new: the post as that follower may see it.
    pub post: Post,
}

impl NotifyFollower {
    /// Delivers this post.
    pub const fn new(notification_path: NotificationPath, post: Post) -> Self {
        Self {
            notification_path,
            post,
        }
    }
}

impl Call for NotifyFollower {
    type Answer = ();

    fn access(&self) -> Access {
        Access::Signed
    }

    fn replay(&self) -> Replay {
        Replay::Always
    }

    fn request(&self, server: &Server) -> Result<Request, BuildError> {
        let url = server.path(self.notification_path.as_str())?;
        request_with_json(Method::POST, url, &self.post)
    }

    fn answer(&self, _: &Server, _: Response<Bytes>) -> Result<(), DecodeError> {
        Ok(())
    }
}

impl Receive for NotifyFollower {
    fn receive(request: &Received<'_>) -> Result<Self, ReceiveError> {
        if request.method() != Method::POST {
            return Err(ReceiveError::OtherCall);
        }
        Ok(Self {
            notification_path: Received::segment(request.path())?,
            post: request.json()?,
        })
    }
}
