//! Posts that come with files: `multipart/form-data`, read as it comes.
//!
//! Source: RFC 7578; `docs/protocol.md` §6.6.7.

use std::collections::BTreeSet;
use std::mem;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::Request;
use bytes::{Bytes, BytesMut};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, StatusCode};
use tent_proto::Scope;
use tent_proto::call::{ReceiveError, Received};
use tent_proto::model::Attachment;
use tent_proto::multipart::{Event, FormError, Part, Reader};

use super::{AttachmentLimits, blocking, label};
use crate::answer::MEDIA_TYPE;
use crate::caller::Caller;
use crate::error::ApiError;
use crate::server::Shared;
use crate::storage::{AttachmentFolder, NewAttachment, NewFile};
use crate::{body, incoming};

/// How much of a file is written at a time: so many bytes, or so many pieces as they came.
const TOGETHER: (usize, usize) = (256 * 1024, 64);

/// A file that has come as a whole.
#[derive(Debug)]
pub(crate) struct Upload {
    described: Attachment,
    file: NewFile,
}

/// Reads a call, and the files that come with it when it is a form. Only who may write posts can send
/// some.
pub(crate) async fn receive<C>(
    request: Request,
    server: &Shared,
    caller: &Caller,
    receive: impl FnOnce(&Received<'_>) -> Result<C, ReceiveError>,
) -> Result<(C, Vec<Upload>), ApiError> {
    if !is_form(request.headers()) {
        let call = incoming::read(request, server, incoming::LIMIT, receive).await?;
        return Ok((call, Vec::new()));
    }
    caller.require(&Scope::WritePosts)?;
    let (mut parts, mut body) = request.into_parts();
    let form = Form::new(&server.attachments, server.attachment_limits);
    let (post, uploads) = form.read(&parts.headers, &mut body).await?;
    // The post is the body of the call.
    let media_type = HeaderValue::from_static(MEDIA_TYPE);
    parts.headers.insert(CONTENT_TYPE, media_type);
    Ok((incoming::parse(&parts, &post, server, receive)?, uploads))
}

/// Takes the files into the folder. They are durable then, and held until the post is.
pub(crate) async fn keep(
    server: &Shared,
    uploads: Vec<Upload>,
) -> Result<Vec<NewAttachment>, ApiError> {
    if uploads.is_empty() {
        return Ok(Vec::new());
    }
    let folder = Arc::clone(&server.attachments);
    let upload = |Upload { described, file }| (described, file);
    let (described, files): (Vec<_>, _) = uploads.into_iter().map(upload).unzip();
    let kept = blocking(move || folder.keep(files)).await?;
    let attachment = |(described, file)| NewAttachment { described, file };
    Ok(described.into_iter().zip(kept).map(attachment).collect())
}

/// Attachments as a post describes them.
pub(crate) fn described(attachments: &[NewAttachment]) -> Vec<&Attachment> {
    let attachments = attachments.iter();
    attachments
        .map(|attachment| &attachment.described)
        .collect()
}

fn is_form(headers: &HeaderMap) -> bool {
    let content_type = headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes);
    let kind = content_type.and_then(|value| value.get(..10));
    kind.is_some_and(|kind| kind.eq_ignore_ascii_case(b"multipart/"))
}

/// A form, as far as it has come.
struct Form<'a> {
    folder: &'a Arc<AttachmentFolder>,
    limits: AttachmentLimits,
    /// How many bytes have come.
    taken: u64,
    post: Option<BytesMut>,
    uploads: Vec<Upload>,
    /// Names and types of the files.
    names: BTreeSet<(Option<String>, Option<String>)>,
    /// The part that is being read, when it is a file.
    file: Option<Upload>,
    /// What has come of it and is not written.
    waiting: Vec<Bytes>,
}

impl<'a> Form<'a> {
    const fn new(folder: &'a Arc<AttachmentFolder>, limits: AttachmentLimits) -> Self {
        Self {
            folder,
            limits,
            taken: 0,
            post: None,
            uploads: Vec::new(),
            names: BTreeSet::new(),
            file: None,
            waiting: Vec::new(),
        }
    }

    /// Reads it to its end: the post, and the files.
    async fn read(
        mut self,
        headers: &HeaderMap,
        body: &mut Body,
    ) -> Result<(Bytes, Vec<Upload>), ApiError> {
        if body::declared(headers).is_some_and(|length| length > self.limits.post) {
            return Err(too_long("the form", self.limits.post));
        }
        let content_type = headers.get(CONTENT_TYPE).map(HeaderValue::to_str);
        let content_type = content_type.and_then(Result::ok).unwrap_or_default();
        let reader = Reader::new(content_type)?;
        let mut reader = reader.at_most_parts(self.limits.files.saturating_add(1));
        while let Some(mut chunk) = body::next(body).await? {
            self.taken += chunk.len() as u64;
            if self.taken > self.limits.post {
                return Err(too_long("the form", self.limits.post));
            }
            while let Some(event) = reader.next(&mut chunk)? {
                match event {
                    Event::Part(part) => self.begin(&part).await?,
                    Event::Bytes(bytes) => self.take(bytes).await?,
                    Event::End => self.end().await?,
                    _ => {}
                }
            }
        }
        reader.finish()?;
        let post = self
            .post
            .ok_or_else(|| ApiError::invalid("the form has no post"))?;
        Ok((post.freeze(), self.uploads))
    }

    async fn begin(&mut self, part: &Part) -> Result<(), ApiError> {
        if is_post(part, self.post.is_some()) {
            if self.post.is_some() {
                return Err(ApiError::invalid("the form has several posts"));
            }
            self.post = Some(BytesMut::new());
            return Ok(());
        }
        let described = label::read(part)?;
        let identity = (described.name.clone(), described.media_type.clone());
        if !self.names.insert(identity) {
            let name = described.name.as_deref().unwrap_or_default();
            let text = format!("there are several files of the name {name} and the same type");
            return Err(ApiError::invalid(text));
        }
        let folder = Arc::clone(self.folder);
        let file = blocking(move || folder.create()).await?;
        self.file = Some(Upload { described, file });
        Ok(())
    }

    async fn take(&mut self, bytes: Bytes) -> Result<(), ApiError> {
        let Some(upload) = &self.file else {
            let post = self.post.get_or_insert_default();
            if post.len() + bytes.len() > incoming::LIMIT {
                return Err(too_long("the post", incoming::LIMIT as u64));
            }
            post.extend_from_slice(&bytes);
            return Ok(());
        };
        self.waiting.push(bytes);
        let waiting = self.waiting.iter().map(Bytes::len).sum::<usize>();
        if upload.file.size() + waiting as u64 > self.limits.file {
            let name = upload.described.name.as_deref().unwrap_or_default();
            return Err(too_long(name, self.limits.file));
        }
        if waiting >= TOGETHER.0 || self.waiting.len() >= TOGETHER.1 {
            self.write().await?;
        }
        Ok(())
    }

    /// Writes what has come of the file.
    async fn write(&mut self) -> Result<(), ApiError> {
        let Some(mut upload) = self.file.take() else {
            return Ok(());
        };
        let waiting = mem::take(&mut self.waiting);
        let written = blocking(move || {
            for bytes in &waiting {
                upload.file.write(bytes)?;
            }
            Ok(upload)
        });
        self.file = Some(written.await?);
        Ok(())
    }

    async fn end(&mut self) -> Result<(), ApiError> {
        self.write().await?;
        if let Some(mut upload) = self.file.take() {
            upload.described.size = Some(upload.file.size());
            self.uploads.push(upload);
        }
        Ok(())
    }
}

/// Whether a part is the post: by its media type, or else by its name.
fn is_post(part: &Part, has_post: bool) -> bool {
    let media_type = part.media_type().unwrap_or(MEDIA_TYPE);
    let is_json = || media_type.to_ascii_lowercase().ends_with("json");
    if part.media_type().is_some() && media_type.eq_ignore_ascii_case(MEDIA_TYPE) {
        return true;
    }
    !has_post && part.name() == Some("post") && is_json()
}

fn too_long(what: &str, limit: u64) -> ApiError {
    let text = match limit / 1024 {
        0 => format!("{what} is longer than {limit} bytes"),
        limit => format!("{what} is longer than {limit} KiB"),
    };
    ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, text)
}

impl From<FormError> for ApiError {
    fn from(error: FormError) -> Self {
        match error {
            FormError::TooManyParts { .. } => {
                Self::new(StatusCode::PAYLOAD_TOO_LARGE, error.to_string())
            }
            _ => Self::bad_request(error.to_string()),
        }
    }
}
