//! `POST /notifications`

use bytes::Bytes;
use http::{Method, Response};
use tent_flow::Request;

use super::with_json;
use crate::call::{Access, Call, Receive, ReceiveError, Received, Replay};
use crate::draft::model::Post;
use crate::json::DecodeError;
use crate::{BuildError, Server};

/// `POST /notifications`: a server sends posts to a follower, below its API root, or to an app.
///
/// It is signed with the credential that the follower got from
/// [`CreateFollower`](super::CreateFollower), or the app when it was approved. Posts may come twice, so
/// it may be sent again; a [`Receiver`](crate::notification::Receiver) takes it.
///
/// Source: `docs/protocol.md` §8.7.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct NotifyPosts {
    /// The posts.
    pub posts: Vec<Post>,
}

impl NotifyPosts {
    /// Sends these posts.
    pub const fn new(posts: Vec<Post>) -> Self {
        Self { posts }
    }
}

impl Call for NotifyPosts {
    type Answer = ();

    fn access(&self) -> Access {
        Access::Signed
    }

    fn replay(&self) -> Replay {
        Replay::Always
    }

    fn request(&self, server: &Server) -> Result<Request, BuildError> {
        let url = server.endpoint("notifications").url()?;
        with_json(Method::POST, url, &self.posts)
    }

    fn answer(&self, _: &Server, _: Response<Bytes>) -> Result<(), DecodeError> {
        Ok(())
    }
}

impl Receive for NotifyPosts {
    fn receive(request: &Received<'_>) -> Result<Self, ReceiveError> {
        let [] = request.matching(&Method::POST, "notifications")?;
        Ok(Self::new(request.json_list()?))
    }
}
