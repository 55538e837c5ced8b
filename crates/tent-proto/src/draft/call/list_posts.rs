//! `GET /posts`

mod asked;

use bytes::Bytes;
use http::{Method, Response};
use tent_flow::Request;

use super::{Fetch, accepting, escaped};
use crate::call::{Access, Call, Receive, ReceiveError, Received, Replay};
use crate::draft::model::{Post, TypeReference};
use crate::json::{DecodeError, decode};
use crate::{BuildError, PostId, Server, Timestamp};

/// `GET /posts`: lists posts. In which order is not said; sort them by their time.
///
/// Source: `docs/protocol.md` §8.2 and §8.3.
///
/// ```
/// use tent_proto::draft::call::ListPosts;
/// use tent_proto::draft::model::TypeReference;
///
/// let photos = TypeReference::new("https://tent.io/post-types/photo", "0.1.0").in_view("thumb");
/// let list = ListPosts::new().of("smithson.me").of("sheldon.io").post_type(&photos).limit(50);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListPosts {
    /// Names, and values that are encoded already, in the order they were given.
    pairs: Vec<(&'static str, String)>,
}

impl ListPosts {
    /// All posts.
    pub fn new() -> Self {
        Self::default()
    }

    /// Says whether the servers of the entities are asked.
    #[must_use]
    pub fn fetch(self, fetch: Fetch) -> Self {
        self.with("fetch", fetch.to_string())
    }

    /// Posts of this entity, a host name; said again, of these entities.
    #[must_use]
    pub fn of(self, entity: &str) -> Self {
        self.add("entity", escaped(entity))
    }

    /// Posts of this type, in its view if it has one; said again, of these types. The version does not
    /// count.
    #[must_use]
    pub fn post_type(self, post_type: &TypeReference) -> Self {
        let mut value = escaped(post_type.url.as_deref().unwrap_or_default());
        if let Some(view) = &post_type.view {
            // Two number signs, which cannot be sent as they are.
            value.push_str("%23%23");
            value.push_str(&escaped(view));
        }
        self.add("post_types", value)
    }

    /// Posts created after this one.
    #[must_use]
    pub fn since(self, id: &PostId) -> Self {
        self.with("since_id", escaped(id.as_str()))
    }

    /// Posts created before this one.
    #[must_use]
    pub fn before(self, id: &PostId) -> Self {
        self.with("before_id", escaped(id.as_str()))
    }

    /// Posts created after this time.
    #[must_use]
    pub fn since_time(self, time: Timestamp) -> Self {
        self.with("since_time", time.to_string())
    }

    /// Posts created before this time.
    #[must_use]
    pub fn before_time(self, time: Timestamp) -> Self {
        self.with("before_time", time.to_string())
    }

    /// How many at most.
    #[must_use]
    pub fn limit(self, limit: u32) -> Self {
        self.with("limit", limit.to_string())
    }

    fn with(mut self, name: &'static str, value: String) -> Self {
        match self.pairs.iter_mut().find(|(other, _)| *other == name) {
            Some((_, old)) => *old = value,
            None => self.pairs.push((name, value)),
        }
        self
    }

    /// Adds to a list, whose commas stand as they are.
    fn add(self, name: &'static str, value: String) -> Self {
        let others = self.pairs.iter().find(|(other, _)| *other == name);
        let list = match others {
            Some((_, others)) => format!("{others},{value}"),
            None => value,
        };
        self.with(name, list)
    }
}

impl Call for ListPosts {
    type Answer = Vec<Post>;

    fn access(&self) -> Access {
        Access::Signed
    }

    fn replay(&self) -> Replay {
        Replay::Always
    }

    fn request(&self, server: &Server) -> Result<Request, BuildError> {
        let posts = server.endpoint("posts");
        let pairs = self.pairs.iter();
        let posts = pairs.fold(posts, |posts, (name, value)| {
            posts.encoded_pair(name, value)
        });
        Ok(accepting(Request::new(Method::GET, posts.url()?)))
    }

    fn answer(&self, _: &Server, answer: Response<Bytes>) -> Result<Vec<Post>, DecodeError> {
        decode(answer.body())
    }
}

impl Receive for ListPosts {
    fn receive(request: &Received<'_>) -> Result<Self, ReceiveError> {
        let [] = request.matching(&Method::GET, "posts")?;
        Self::default().with_query(request.query().unwrap_or_default())
    }
}
