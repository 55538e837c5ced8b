//! What a request has left of its body when it is answered, which stands in the way of the next request
//! on its connection.
//!
//! Source: RFC 9112 §9.3 and §9.6.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use bytes::Bytes;
use http::header::{CONNECTION, EXPECT};
use http::{HeaderMap, HeaderValue, Version};
use http_body::{Body as _, Frame, SizeHint};
use tokio::sync::oneshot;
use tokio::time::timeout;

/// How much of a rest is read before the answer is given, so that the connection can be used again: so
/// many bytes, for so long.
const SMALL: u64 = 256 * 1024;
const BRIEFLY: Duration = Duration::from_secs(2);
/// How much of what is longer is read afterwards, so that who is still sending comes to read why that is
/// in vain.
const DISCARDED: u64 = 64 * 1024 * 1024;
const FAREWELL: Duration = Duration::from_secs(5);

/// Answers a request, and sees to what the answer has not read of it.
pub(crate) async fn clear(
    request: Request,
    next: impl AsyncFnOnce(Request) -> Response,
) -> Response {
    if request.body().is_end_stream() || request.version() > Version::HTTP_11 {
        return next(request).await;
    }
    let (parts, body) = request.into_parts();
    let is_awaited = is_awaited(&parts.headers);
    let (give_back, mut given_back) = oneshot::channel();
    let lent = Lent {
        body: Some(body),
        is_awaited,
        give_back: Some(give_back),
    };
    let response = next(Request::from_parts(parts, Body::new(lent))).await;
    match given_back.try_recv() {
        Ok(rest) => finish(rest, response).await,
        Err(_) => response, // it was read, or is being read
    }
}

/// The answer to a request of which nothing was read.
pub(crate) async fn refuse(request: Request, response: Response) -> Response {
    clear(request, async |_| response).await
}

/// Whether the sender waits to hear that the body is wanted.
fn is_awaited(headers: &HeaderMap) -> bool {
    let expected = headers.get(EXPECT);
    expected.is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"100-continue"))
}

/// A body that was not read to its end.
struct Rest {
    body: Body,
    is_awaited: bool,
}

async fn finish(mut rest: Rest, mut response: Response) -> Response {
    // To read what the sender waits with would ask for it.
    let may_read = !rest.is_awaited;
    let is_small = rest.body.size_hint().lower() <= SMALL;
    if may_read
        && is_small
        && let Ok(true) = timeout(BRIEFLY, discard(&mut rest.body, SMALL)).await
    {
        return response;
    }
    let close = HeaderValue::from_static("close");
    response.headers_mut().insert(CONNECTION, close);
    if may_read {
        tokio::spawn(async move {
            let _ = timeout(FAREWELL, discard(&mut rest.body, DISCARDED)).await;
        });
    }
    response
}

/// Reads so many bytes, or a piece more. Whether that was all.
async fn discard(body: &mut Body, most: u64) -> bool {
    let mut read = 0;
    while read <= most {
        match super::next(body).await {
            Ok(Some(piece)) => read += piece.len() as u64,
            end => return end.is_ok(),
        }
    }
    false
}

/// A body that comes back when it is dropped before its end.
struct Lent {
    /// Until its end.
    body: Option<Body>,
    is_awaited: bool,
    give_back: Option<oneshot::Sender<Rest>>,
}

impl http_body::Body for Lent {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        self.is_awaited = false;
        let Some(body) = &mut self.body else {
            return Poll::Ready(None);
        };
        let frame = Pin::new(body).poll_frame(context);
        if let Poll::Ready(None | Some(Err(_))) = frame {
            self.body = None;
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        let body = self.body.as_ref();
        body.map_or_else(|| SizeHint::with_exact(0), Body::size_hint)
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let rest = self.body.take().filter(|body| !body.is_end_stream());
        if let (Some(body), Some(give_back)) = (rest, self.give_back.take()) {
            let is_awaited = self.is_awaited;
            let _ = give_back.send(Rest { body, is_awaited });
        }
    }
}
