//! `GET /posts/:id`

use bytes::Bytes;
use http::{Method, Response};
use tent_flow::Request;

use super::{Access, Call, Receive, ReceiveError, Received, Replay, request};
use crate::json::{DecodeError, decode};
use crate::{BuildError, Entity, Post, PostId, Server};

/// `GET /posts/:id`: reads a post of the server's own entity; with [`of`](Self::of), as
/// `GET /posts/:entity/:id`, one of another entity that the server knows.
///
/// A post that the caller may not see is a `404`, as one that is not there. Needs the scope `read_posts`
/// for what is not public.
///
/// Source: tent.io 0.2, app-server; `docs/protocol.md` §6.6.1, §6.6.4 and §7.4.3.
///
/// ```
/// use tent_proto::call::GetPost;
///
/// // How the post began, without its content and attachments.
/// let call = GetPost::new("p1").version(1).view("meta");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct GetPost {
    /// Whose post, when not the server's own entity's.
    pub entity: Option<Entity>,
    /// Which post.
    pub id: PostId,
    /// Which version, when not the newest.
    pub version: Option<u64>,
    /// By which of the post's views, when not whole.
    pub view: Option<String>,
}

impl GetPost {
    /// Reads the newest version of this post of the server's own entity.
    pub fn new(id: impl Into<PostId>) -> Self {
        Self {
            entity: None,
            id: id.into(),
            version: None,
            view: None,
        }
    }

    /// Reads a post of another entity.
    #[must_use]
    pub fn of(mut self, entity: Entity) -> Self {
        self.entity = Some(entity);
        self
    }

    /// Reads one version.
    #[must_use]
    pub const fn version(mut self, version: u64) -> Self {
        self.version = Some(version);
        self
    }

    /// Reads what a view leaves of it: `meta`, or a name that the post's publisher chose. A name that
    /// the publisher did not define leaves out all content.
    #[must_use]
    pub fn view(mut self, name: impl Into<String>) -> Self {
        self.view = Some(name.into());
        self
    }
}

impl Call for GetPost {
    type Answer = Post;

    fn access(&self) -> Access {
        Access::Optional
    }

    fn replay(&self) -> Replay {
        Replay::Always
    }

    fn request(&self, server: &Server) -> Result<Request, BuildError> {
        let mut post = server.endpoint("posts");
        if let Some(entity) = &self.entity {
            post = post.segment(entity.as_str());
        }
        let post = post
            .segment(self.id.as_str())
            .pair_if("version", self.version)
            .pair_if("view", self.view.as_deref());
        Ok(request(Method::GET, post.url()?))
    }

    fn answer(&self, _: &Server, answer: Response<Bytes>) -> Result<Post, DecodeError> {
        decode(answer.body())
    }
}

impl Receive for GetPost {
    fn receive(request: &Received<'_>) -> Result<Self, ReceiveError> {
        let (entity, id) = match request.matching(&Method::GET, "posts/:id") {
            Ok([id]) => (None, id),
            Err(_) => {
                let [entity, id] = request.matching(&Method::GET, "posts/:entity/:id")?;
                (Some(Received::segment(entity)?), id)
            }
        };
        Ok(Self {
            entity,
            id: id.into(),
            version: request.parsed_parameter("version")?,
            view: request.parameter("view").map(str::to_owned),
        })
    }
}
