//! `POST /posts` with an id of one's own

use bytes::Bytes;
use http::{Method, Response};
use tent_flow::Request;

use super::{Access, Call, Receive, ReceiveError, Received, Replay, request_with_json};
use crate::json::{DecodeError, decode};
use crate::{BuildError, Post, PostId, Server};

/// `POST /posts` with an id of one's own: brings a post along from elsewhere, with its id, its times,
/// its app and its entity as they were.
///
/// Needs the scopes `write_posts` and `import_posts`; without the latter a server ignores the id, and
/// sending it again makes a second post. With it, sending it again gives the post that is stored, so
/// it may be sent again.
///
/// Source: tent.io 0.2, app-server; `docs/protocol.md` §6.6.3 and §7.4.1.
///
/// ```
/// use tent_proto::call::ImportPost;
/// use tent_proto::{Post, Timestamp};
///
/// let published = Timestamp::from_epoch_seconds(1_356_998_400);
/// let old = Post::status("High tide at nine").public().published_at(published);
/// let call = ImportPost::new("p0Lk3Jh8", old);
/// assert_eq!(call.id.as_str(), "p0Lk3Jh8");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ImportPost {
    /// The id that it shall have.
    pub id: PostId,
    /// The post, but for its id.
    pub post: Post,
}

impl ImportPost {
    /// Publishes this post under this id, whatever id it says itself.
    pub fn new(id: impl Into<PostId>, mut post: Post) -> Self {
        post.id = None;
        Self {
            id: id.into(),
            post,
        }
    }
}

impl Call for ImportPost {
    type Answer = Post;

    fn access(&self) -> Access {
        Access::Signed
    }

    fn replay(&self) -> Replay {
        Replay::Always
    }

    fn request(&self, server: &Server) -> Result<Request, BuildError> {
        let mut post = self.post.clone();
        post.id = Some(self.id.clone());
        request_with_json(Method::POST, server.endpoint("posts").url()?, &post)
    }

    fn answer(&self, _: &Server, answer: Response<Bytes>) -> Result<Post, DecodeError> {
        decode(answer.body())
    }
}

/// A post without an id is [`CreatePost`](super::CreatePost).
impl Receive for ImportPost {
    fn receive(request: &Received<'_>) -> Result<Self, ReceiveError> {
        let [] = request.matching(&Method::POST, "posts")?;
        let mut post: Post = request.json()?;
        let id = post.id.take().ok_or(ReceiveError::OtherCall)?;
        Ok(Self { id, post })
    }
}
