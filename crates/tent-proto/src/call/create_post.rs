//! `POST /posts`

use std::fmt;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method, Response};
use tent_flow::{Body, OnProgress, Progress, Request, Seed};

use super::{Access, Call, MEDIA_TYPE, Receive, ReceiveError, Received, Replay, request};
use crate::json::{DecodeError, decode};
use crate::multipart::{self, Boundary};
use crate::{BuildError, FindPost, Post, Server, Session, Timestamp, Upload};

/// `POST /posts`: publishes a post. The answer is the post as the server keeps it, with its id.
///
/// Needs the scope `write_posts`. It is never sent again when it might have been received, since the
/// post would then be there twice: [`CallError::OutcomeUnknown`](crate::CallError::OutcomeUnknown) then
/// has a flow that looks for it.
///
/// Source: tent.io 0.2, app-server; `docs/protocol.md` §6.6.3.
///
/// ```
/// use tent_flow::Seed;
/// use tent_flow::script::{Answer, Script};
/// use tent_proto::call::CreatePost;
/// use tent_proto::{Post, Upload};
/// # use tent_proto::mac::{Algorithm, Credentials};
/// # let session = tent_proto::Session::new(
/// #     "https://alice.example".parse()?,
/// #     vec!["https://alice.example".parse()?],
/// #     Credentials::new("u:1", "k", Algorithm::HmacSha256)?,
/// #     Seed::new([7; 32]),
/// # );
/// # let seed = || Seed::new([8; 32]);
///
/// let photo = Upload::bytes("photos", "quay.jpg", vec![0xff, 0xd8, 0xff]);
/// let call = CreatePost::new(&Post::status("The quay")).attaching([photo], seed());
///
/// let mut server = Script::new().on("POST", "https://alice.example/posts", Answer::json("{}"));
/// server.run(session.call(call))?;
/// let sent = server.seen()[0].header("content-type");
/// assert!(sent.starts_with("multipart/form-data; boundary="));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct CreatePost {
    post: Post,
    uploads: Vec<Upload>,
    boundary: Option<Boundary>,
    progress: Option<OnProgress>,
}

impl CreatePost {
    /// Publishes this post.
    pub fn new(post: &Post) -> Self {
        Self {
            post: post.clone(),
            uploads: Vec::new(),
            boundary: None,
            progress: None,
        }
    }

    /// The post.
    pub const fn post(&self) -> &Post {
        &self.post
    }

    /// The post, for who is done with the call.
    pub fn into_post(self) -> Post {
        self.post
    }

    /// The files.
    pub fn uploads(&self) -> &[Upload] {
        &self.uploads
    }

    /// Attaches files. The seed makes what stands between them in the request.
    #[must_use]
    pub fn attaching(mut self, uploads: impl IntoIterator<Item = Upload>, seed: Seed) -> Self {
        self.uploads.extend(uploads);
        self.boundary = Some(Boundary::new(seed));
        self
    }

    /// Has somebody told how much of the post and its files has been sent: at the start of each attempt,
    /// and after each piece. The total is always known. It is told between two pieces, so it should not
    /// take long.
    ///
    /// ```
    /// use std::sync::mpsc;
    /// use tent_flow::Seed;
    /// # use tent_flow::script::{Answer, Script};
    /// use tent_proto::call::CreatePost;
    /// use tent_proto::{Post, Upload};
    /// # use tent_proto::mac::{Algorithm, Credentials};
    /// # let session = tent_proto::Session::new(
    /// #     "https://alice.example".parse()?,
    /// #     vec!["https://alice.example".parse()?],
    /// #     Credentials::new("u:1", "k", Algorithm::HmacSha256)?,
    /// #     Seed::new([7; 32]),
    /// # );
    /// # let seed = || Seed::new([8; 32]);
    /// # let mut server = Script::new().on("POST", "https://alice.example/posts", Answer::json("{}"));
    ///
    /// let (tell, told) = mpsc::channel();
    /// let film = Upload::bytes("videos", "tide.mp4", vec![0; 100_000]);
    /// let call = CreatePost::new(&Post::status("The tide"))
    ///     .attaching([film], seed())
    ///     .on_progress(move |progress| {
    ///         let _ = tell.send((progress.bytes, progress.total.unwrap_or(0)));
    ///     });
    ///
    /// server.run(session.call(call))?;
    /// let told: Vec<(u64, u64)> = told.try_iter().collect();
    /// let (sent, total) = told[told.len() - 1];
    /// assert!(told[0].0 == 0 && sent == total && total > 100_000);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn on_progress(mut self, tell: impl Fn(Progress) + Send + Sync + 'static) -> Self {
        self.progress = Some(OnProgress::new(tell));
        self
    }
}

/// The same post with the same files, whoever is told of their progress.
impl PartialEq for CreatePost {
    fn eq(&self, other: &Self) -> bool {
        (&self.post, &self.uploads) == (&other.post, &other.uploads)
    }
}

impl fmt::Debug for CreatePost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CreatePost")
            .field("post", &self.post)
            .field("uploads", &self.uploads)
            .finish_non_exhaustive()
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
        let body = Bytes::from(serde_json::to_vec(&self.post).map_err(BuildError::Json)?);
        let request = request(Method::POST, server.endpoint("posts").url()?);
        let (media_type, body) = match &self.boundary {
            Some(boundary) if !self.uploads.is_empty() => {
                let media_type = HeaderValue::try_from(boundary.content_type());
                let media_type = media_type.map_err(|_| BuildError::Header("Content-Type"))?;
                (media_type, multipart::body(boundary, &body, &self.uploads)?)
            }
            _ => (MEDIA_TYPE, Body::from(body)),
        };
        let body = match &self.progress {
            Some(progress) => body.with_progress(progress.clone()),
            None => body,
        };
        Ok(request
            .with_header(CONTENT_TYPE, media_type)
            .with_body(body))
    }

    fn answer(&self, _: &Server, answer: Response<Bytes>) -> Result<Post, DecodeError> {
        decode(answer.body())
    }

    fn search(&self, session: &Session, begun: Timestamp) -> Option<FindPost> {
        let post = self.post.clone();
        Some(FindPost::new(session, post, self.uploads.len(), begun))
    }
}

/// Of a post that comes as JSON. A form is read by a [`multipart::Reader`](crate::multipart::Reader),
/// piece by piece as it comes.
impl Receive for CreatePost {
    fn receive(request: &Received<'_>) -> Result<Self, ReceiveError> {
        let [] = request.matching(&Method::POST, "posts")?;
        let post = request.json()?;
        Ok(Self {
            post,
            uploads: Vec::new(),
            boundary: None,
            progress: None,
        })
    }
}
