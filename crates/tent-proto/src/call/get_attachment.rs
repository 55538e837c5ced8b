//! `GET /posts/:id/attachments/:name`

use std::fmt;
use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http::header::ACCEPT;
use http::{HeaderValue, Method, Response};
use tent_flow::sink::{Memory, Watched, Writer};
use tent_flow::{OnProgress, Progress, Request, Sink};

use super::{Access, Call, Receive, ReceiveError, Received, Replay, request};
use crate::json::DecodeError;
use crate::{BuildError, Entity, PostId, Server};

/// `GET /posts/:id/attachments/:name`: reads a file of a post into memory; with
/// [`into_writer`](Self::into_writer), writes it somewhere as it arrives.
///
/// Name and media type together identify a file, so both must be those that the post names.
///
/// Source: tent.io 0.2, app-server; `docs/protocol.md` §6.6.6.
///
/// ```
/// use std::sync::{Arc, atomic::{AtomicU64, Ordering}};
/// use tent_flow::script::{Answer, Script};
/// use tent_proto::call::GetAttachment;
/// # use tent_proto::mac::{Algorithm, Credentials};
/// # let session = tent_proto::Session::new(
/// #     "https://alice.example".parse()?,
/// #     vec!["https://alice.example".parse()?],
/// #     Credentials::new("u:1", "k", Algorithm::HmacSha256)?,
/// #     tent_flow::Seed::new([7; 32]),
/// # );
/// # let url = "https://alice.example/posts/p1/attachments/quay.jpg";
/// # let mut server = Script::new().on("GET", url, Answer::status(200).body("JFIF"));
///
/// let so_far = Arc::new(AtomicU64::new(0));
/// let shown = Arc::clone(&so_far);
/// let call = GetAttachment::new("p1", "quay.jpg", "image/jpeg")
///     .on_progress(move |progress| shown.store(progress.bytes, Ordering::Relaxed))
///     .into_writer(std::io::sink()); // a file, in a program
///
/// server.run(session.call(call))?;
/// assert_eq!(so_far.load(Ordering::Relaxed), 4);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct GetAttachment {
    /// Whose post, when not the server's own entity's.
    pub entity: Option<Entity>,
    /// Which post.
    pub post: PostId,
    /// The file's name.
    pub name: String,
    /// The file's media type.
    pub media_type: String,
    /// How many bytes are taken at most. 16 MiB unless something else is said.
    pub limit: u64,
    progress: Option<OnProgress>,
}

impl GetAttachment {
    /// Reads the file of this name and type of a post of the server's own entity.
    pub fn new(
        post: impl Into<PostId>,
        name: impl Into<String>,
        media_type: impl Into<String>,
    ) -> Self {
        Self {
            entity: None,
            post: post.into(),
            name: name.into(),
            media_type: media_type.into(),
            limit: 16 * 1024 * 1024,
            progress: None,
        }
    }

    /// Of a post of another entity.
    #[must_use]
    pub fn of(mut self, entity: Entity) -> Self {
        self.entity = Some(entity);
        self
    }

    /// Takes at most so many bytes into memory.
    #[must_use]
    pub const fn with_limit(mut self, bytes: u64) -> Self {
        self.limit = bytes;
        self
    }

    /// Has somebody told how much of the file has arrived: at the start of each attempt, and after each
    /// piece. The total is what the server announces. It is told between two pieces, so it should not
    /// take long.
    #[must_use]
    pub fn on_progress(mut self, tell: impl Fn(Progress) + Send + Sync + 'static) -> Self {
        self.progress = Some(OnProgress::new(tell));
        self
    }

    /// Writes the file as it arrives, whatever its size; the answer then is empty. An answer that is
    /// no success is kept apart from it.
    pub fn into_writer<W: Write + Send + 'static>(self, writer: W) -> DownloadAttachment<W> {
        DownloadAttachment {
            call: self,
            writer: Shared(Arc::new(Place {
                writer: Mutex::new(writer),
                is_begun: AtomicBool::new(false),
            })),
        }
    }

    fn watched(&self, sink: impl Sink + 'static) -> Box<dyn Sink> {
        match &self.progress {
            Some(progress) => Box::new(Watched::new(sink, progress.clone())),
            None => Box::new(sink),
        }
    }
}

impl Call for GetAttachment {
    type Answer = Bytes;

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
        let post = post.segment(self.post.as_str());
        let url = post.segment("attachments").segment(&self.name).url()?;
        let accept = HeaderValue::from_str(&self.media_type);
        let accept = accept.map_err(|_| BuildError::Header("Accept"))?;
        Ok(request(Method::GET, url).with_header(ACCEPT, accept))
    }

    fn answer(&self, _: &Server, answer: Response<Bytes>) -> Result<Bytes, DecodeError> {
        Ok(answer.into_body())
    }

    fn sink(&self) -> Box<dyn Sink> {
        self.watched(Memory::with_limit(self.limit))
    }
}

/// The media type is the first of `Accept`, as the reference server takes it; empty when there is none.
impl Receive for GetAttachment {
    fn receive(request: &Received<'_>) -> Result<Self, ReceiveError> {
        let own = request.matching(&Method::GET, "posts/:id/attachments/:name");
        let (entity, post, name) = match own {
            Ok([id, name]) => (None, id, name),
            Err(_) => {
                let pattern = "posts/:entity/:id/attachments/:name";
                let [entity, id, name] = request.matching(&Method::GET, pattern)?;
                (Some(Received::segment(entity)?), id, name)
            }
        };
        let accept = request.headers().get(ACCEPT);
        let accept = accept.and_then(|value| value.to_str().ok());
        let first = accept.and_then(|ranges| ranges.split([',', ';']).next());
        let mut call = Self::new(post, name, first.unwrap_or_default().trim());
        call.entity = entity;
        Ok(call)
    }
}

/// A [`GetAttachment`] that writes the file somewhere. It is not asked for again once some of it has
/// been written.
pub struct DownloadAttachment<W> {
    call: GetAttachment,
    writer: Shared<W>,
}

impl<W: Write + Send + 'static> Call for DownloadAttachment<W> {
    type Answer = ();

    fn access(&self) -> Access {
        self.call.access()
    }

    fn replay(&self) -> Replay {
        if self.writer.0.is_begun.load(Ordering::Relaxed) {
            Replay::OnlyIfUnsent
        } else {
            Replay::Always
        }
    }

    fn request(&self, server: &Server) -> Result<Request, BuildError> {
        self.call.request(server)
    }

    fn answer(&self, _: &Server, _: Response<Bytes>) -> Result<(), DecodeError> {
        Ok(())
    }

    fn sink(&self) -> Box<dyn Sink> {
        self.call.watched(Writer::new(self.writer.clone()))
    }
}

impl<W> fmt::Debug for DownloadAttachment<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.call.fmt(f)
    }
}

/// Where the file goes. The attempts of a call share it; one after the other has it.
struct Shared<W>(Arc<Place<W>>);

struct Place<W> {
    writer: Mutex<W>,
    /// Whether some of the file may be there.
    is_begun: AtomicBool,
}

impl<W> Clone for Shared<W> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<W: Write> Write for Shared<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.is_begun.store(true, Ordering::Relaxed);
        let mut writer = self.0.writer.lock().unwrap_or_else(PoisonError::into_inner);
        writer.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        let mut writer = self.0.writer.lock().unwrap_or_else(PoisonError::into_inner);
        writer.flush()
    }
}
