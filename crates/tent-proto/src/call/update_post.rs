//! `PUT /posts/:id`

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{Method, Response};
use serde::Serialize;
use tent_flow::{Request, Seed};

use super::{
    Access, Call, Receive, ReceiveError, Received, ReplaceAttachments, Replay, RevertPost,
    request_with_json,
};
use crate::json::{DecodeError, decode};
use crate::model::{Content, Mention, View};
use crate::{BuildError, Post, PostId, Server, Upload};

/// `PUT /posts/:id`: makes a new version of a post.
///
/// Servers apply the content, licenses, mentions and views alone. Each that is given replaces what was
/// there as a whole; mentions that are left out are removed, so they are always sent. Attachments stay,
/// unless [`replacing_attachments`](Self::replacing_attachments) sends others. What is changed is best
/// read first:
///
/// ```
/// # use tent_flow::Seed;
/// # use tent_flow::script::{Answer, Script};
/// # use tent_proto::mac::{Algorithm, Credentials};
/// use tent_proto::Post;
/// use tent_proto::call::UpdatePost;
/// use tent_proto::model::{Content, Status};
/// # let session = tent_proto::Session::new(
/// #     "https://alice.example".parse()?,
/// #     vec!["https://alice.example".parse()?],
/// #     Credentials::new("u:1", "k", Algorithm::HmacSha256)?,
/// #     Seed::new([7; 32]),
/// # );
/// # let mut server = Script::new()
/// #     .on("GET", "https://alice.example/posts/p1", Answer::json(r#"{"mentions":[{"entity":"https://bob.example"}]}"#))
/// #     .on("PUT", "https://alice.example/posts/p1", Answer::json(r#"{"version":2}"#));
///
/// let mut post: Post = server.run(session.get_post("p1"))?;
/// post.content = Some(Content::new(&Status::new("High tide at ten"))?);
/// let after = server.run(session.call(UpdatePost::new("p1", post)))?;
/// assert_eq!(after.version, Some(2));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Needs the scope `write_posts`. It is never sent again when it might have been received, since that
/// would make two versions.
///
/// Source: tent.io 0.2, app-server; `docs/protocol.md` §6.6.3.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UpdatePost {
    /// Which post of the person.
    pub id: PostId,
    /// Its content, when that changes.
    pub content: Option<Content>,
    /// URIs of its licenses, when those change.
    pub licenses: Option<Vec<String>>,
    /// All that it mentions.
    pub mentions: Vec<Mention>,
    /// Its views, when those change.
    pub views: Option<BTreeMap<String, View>>,
}

impl UpdatePost {
    /// Makes this the newest version of the post. Of licenses and views, none given means that they stay.
    pub fn new(id: impl Into<PostId>, post: Post) -> Self {
        let Post {
            content,
            licenses,
            mentions,
            views,
            ..
        } = post;
        Self {
            id: id.into(),
            content,
            licenses: Some(licenses).filter(|licenses| !licenses.is_empty()),
            mentions,
            views: Some(views).filter(|views| !views.is_empty()),
        }
    }

    /// Takes these files in place of those that the post has. The seed makes what stands between them in
    /// the request.
    pub fn replacing_attachments(
        self,
        uploads: impl IntoIterator<Item = Upload>,
        seed: Seed,
    ) -> ReplaceAttachments {
        ReplaceAttachments::new(self, uploads, seed)
    }

    /// The body.
    pub(super) fn body(&self) -> impl Serialize {
        Body {
            content: self.content.as_ref(),
            licenses: self.licenses.as_deref(),
            mentions: &self.mentions,
            views: self.views.as_ref(),
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
        request_with_json(Method::PUT, url, &self.body())
    }

    fn answer(&self, _: &Server, answer: Response<Bytes>) -> Result<Post, DecodeError> {
        decode(answer.body())
    }
}

/// What servers ignore in an update is ignored; a version alone is [`RevertPost`].
impl Receive for UpdatePost {
    fn receive(request: &Received<'_>) -> Result<Self, ReceiveError> {
        let [id] = request.matching(&Method::PUT, "posts/:id")?;
        let post: Post = request.json()?;
        if RevertPost::version_of(&post).is_some() {
            return Err(ReceiveError::OtherCall);
        }
        // What came empty was given, though the post itself does not tell.
        let is_given = |name| post.extra.get(name).is_some();
        let (licenses, views) = (is_given("licenses"), is_given("views"));
        let mut call = Self::new(id, post);
        call.licenses = call.licenses.or(licenses.then(Vec::new));
        call.views = call.views.or(views.then(BTreeMap::new));
        Ok(call)
    }
}

#[derive(Serialize)]
struct Body<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<&'a Content>,
    #[serde(skip_serializing_if = "Option::is_none")]
    licenses: Option<&'a [String]>,
    mentions: &'a [Mention],
    #[serde(skip_serializing_if = "Option::is_none")]
    views: Option<&'a BTreeMap<String, View>>,
}
