//! The files of posts: `GET /posts/:id/attachments/:name`, and `GET /posts/:entity/:id/attachments/:name`.
//!
//! Source: tent.io 0.2, app-server; RFC 9110; `docs/protocol.md` §6.6.6.

mod accept;
mod file_body;
pub(crate) mod form;
mod head;
mod label;
mod limits;
mod range;
mod remote;
mod start;
pub(crate) mod sweep;

use std::fs::File;
use std::io;
use std::sync::Arc;

use axum::body::Body;
use axum::response::Response;
use http::{HeaderMap, Method, StatusCode};
use tent_proto::call::GetAttachment;
use tokio::task::spawn_blocking;

use self::accept::Accept;
use self::file_body::FileBody;
pub use self::limits::AttachmentLimits;
use self::range::Wanted;
pub(crate) use self::start::open;
use crate::caller::Caller;
use crate::error::ApiError;
use crate::incoming::Incoming;
use crate::post::visible;
use crate::query::Query;
use crate::server::{Addressed, Shared};
use crate::storage::{Cursor, DatabaseError, Digest, StorageError, StoredAttachment};

/// Answers with a file, or a part of it, as it is read from the disk.
pub(crate) async fn read(
    Addressed(server): Addressed,
    caller: Caller,
    method: Method,
    headers: HeaderMap,
    query: Query,
    Incoming(call): Incoming<GetAttachment>,
) -> Result<Response, ApiError> {
    let named = named(&server, &caller, &query, &call).await?;
    if let (true, Some(publisher)) = (named.is_empty(), &call.entity) {
        let publisher = publisher.clone();
        return remote::read(&server, &caller, publisher, call, &headers).await;
    }
    let chosen = Accept::of(&headers).choose(&named, |one| &one.media_type);
    let chosen = chosen.ok_or_else(ApiError::not_found)?;
    let (file, size) = open_file(&server, chosen.digest).await?;
    let etag = head::etag(chosen.digest);
    let wanted = match method {
        Method::GET => range::wanted(&headers, size, &etag),
        _ => Wanted::All,
    };
    let (status, start, length) = match wanted {
        Wanted::All => (StatusCode::OK, 0, size),
        Wanted::Part { start, length } => (StatusCode::PARTIAL_CONTENT, start, length),
        Wanted::Beyond => return Ok(head::beyond(size)),
    };
    let mut response = Response::new(Body::new(FileBody::new(file, start, length)));
    *response.status_mut() = status;
    *response.headers_mut() = head::describe(&call.name, &chosen.media_type);
    head::measure(response.headers_mut(), &etag, wanted, size);
    Ok(response)
}

/// The attachments of the name that a request has. Those of other entities' posts are not here.
async fn named(
    server: &Shared,
    caller: &Caller,
    query: &Query,
    call: &GetAttachment,
) -> Result<Vec<StoredAttachment>, ApiError> {
    let version = query.filled("version").map(str::parse).transpose();
    let version = version.map_err(|_| ApiError::not_found())?;
    let publisher = call.entity.clone();
    let post = Cursor {
        publisher: publisher.unwrap_or_else(|| server.account.entity.clone()),
        id: call.post.clone(),
    };
    let (account, name) = (server.account.key, call.name.clone());
    Ok(server
        .database
        .attachments(account, post, version, name, visible(caller))
        .await?)
}

/// The file, and its size in bytes.
async fn open_file(server: &Shared, digest: Digest) -> Result<(File, u64), ApiError> {
    let folder = Arc::clone(&server.attachments);
    blocking(move || {
        let file = folder.read(digest)?;
        let size = file.metadata()?.len();
        Ok((file, size))
    })
    .await
}

/// Works with files where that holds up nothing else.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, ApiError> {
    let done = spawn_blocking(work).await;
    let done = done.map_err(|error| ApiError::internal(&error))?;
    done.map_err(|error| match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            StorageError::Database(DatabaseError::Full).into()
        }
        _ => ApiError::internal(&error),
    })
}
