//! `GET /posts/:id/attachments/:name`

use std::fmt;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http::header::ACCEPT;
use http::{HeaderValue, Method, Response};
use tent_flow::sink::{Memory, Writer};
use tent_flow::{Request, Sink};

use super::{Access, Call, Replay, request};
use crate::json::DecodeError;
use crate::{BuildError, Entity, PostId, Server};

/// `GET /posts/:id/attachments/:name`: reads a file of a post into memory; with
/// [`into_writer`](Self::into_writer), writes it somewhere as it arrives.
///
/// Name and media type together identify a file, so both must be those that the post names.
///
/// Source: tent.io 0.2, app-server; `docs/protocol.md` §6.6.6.
#[derive(Debug, Clone)]
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

    /// Writes the file as it arrives, whatever its size; the answer then is empty. An answer that is
    /// no success is kept apart from it.
    pub fn into_writer<W: Write + Send + 'static>(self, writer: W) -> DownloadAttachment<W> {
        DownloadAttachment {
            call: self,
            writer: Shared(Arc::new(Mutex::new(writer))),
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
        Box::new(Memory::with_limit(self.limit))
    }
}

/// A [`GetAttachment`] that writes the file somewhere. It is not asked for again once some of it may
/// have been written.
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
        Replay::OnlyIfUnsent
    }

    fn request(&self, server: &Server) -> Result<Request, BuildError> {
        self.call.request(server)
    }

    fn answer(&self, _: &Server, _: Response<Bytes>) -> Result<(), DecodeError> {
        Ok(())
    }

    fn sink(&self) -> Box<dyn Sink> {
        Box::new(Writer::new(self.writer.clone()))
    }
}

impl<W> fmt::Debug for DownloadAttachment<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.call.fmt(f)
    }
}

/// A writer that the attempts of a call share; one after the other has it.
struct Shared<W>(Arc<Mutex<W>>);

impl<W> Clone for Shared<W> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<W: Write> Write for Shared<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut writer = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        writer.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        let mut writer = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        writer.flush()
    }
}
