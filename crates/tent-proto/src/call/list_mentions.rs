//! `GET /posts/:id/mentions`

use bytes::Bytes;
use http::{Method, Response};
use tent_flow::Request;

use super::{Access, Call, Replay, request};
use crate::json::{DecodeError, decode};
use crate::list::List;
use crate::model::Mention;
use crate::page::Page;
use crate::query::Query;
use crate::{BuildError, Entity, PostId, Server, TypeUri};

/// `GET /posts/:id/mentions`: lists the public posts that mention a post, oldest first, in pages.
/// Since v0.2.
///
/// The links of this list are wrong in the reference server: its `next` runs backwards. So the next
/// page is the one after the last mention, whatever the links say.
///
/// Source: tent.io 0.2, app-server; `docs/protocol.md` §6.6.5.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListMentions {
    post: PostId,
    query: Query,
}

impl ListMentions {
    /// All mentions of this post of the server's own entity.
    pub fn new(post: impl Into<PostId>) -> Self {
        Self {
            post: post.into(),
            query: Query::default(),
        }
    }

    /// How many a page holds.
    #[must_use]
    pub fn limit(self, limit: u32) -> Self {
        self.with("limit", &limit.to_string())
    }

    /// Posts of this type alone; said again, of these types.
    #[must_use]
    pub fn post_type(mut self, post_type: &TypeUri) -> Self {
        self.query.add_with_comma("post_types", post_type.as_str());
        self
    }

    /// Mentions after that of this post.
    #[must_use]
    pub fn since(mut self, entity: Option<&Entity>, id: &PostId) -> Self {
        self.query.set_cursor("since_id", entity, id);
        self
    }

    fn with(mut self, name: &str, value: &str) -> Self {
        self.query.set(name, value);
        self
    }
}

impl List for ListMentions {
    type Item = Mention;
    type Key = (Option<Entity>, PostId);

    fn key(mention: &Mention) -> Option<Self::Key> {
        Some((mention.entity.clone(), mention.post.clone()?))
    }

    /// Oldest first already.
    fn goes_forward(&self) -> bool {
        false
    }
}

impl Call for ListMentions {
    type Answer = Page<Mention, Self>;

    fn access(&self) -> Access {
        Access::Optional
    }

    fn replay(&self) -> Replay {
        Replay::Always
    }

    fn request(&self, server: &Server) -> Result<Request, BuildError> {
        let post = server.endpoint("posts").segment(self.post.as_str());
        let url = self.query.append_to(post.segment("mentions")).url()?;
        Ok(request(Method::GET, url))
    }

    fn answer(&self, _: &Server, answer: Response<Bytes>) -> Result<Self::Answer, DecodeError> {
        let items: Vec<Mention> = decode(answer.body())?;
        let next = items.last().and_then(|last| {
            let id = last.post.as_ref()?;
            Some(self.clone().since(last.entity.as_ref(), id))
        });
        Ok(Page {
            items,
            next,
            previous: None,
        })
    }
}
