//! Any call, as it comes.

use std::fmt;

use bytes::Bytes;
use http::{Method, Response};
use tent_flow::Request;

use super::{Access, Call, MEDIA_TYPE, Replay, request};
use crate::json::DecodeError;
use crate::{BuildError, Server};

/// Any signed call: a method, a path below the API root with its query as it shall be sent, and
/// maybe a JSON body. The answer is the response as it came.
///
/// `Debug` leaves out the body, which may hold a code or a key.
#[derive(Clone)]
#[non_exhaustive]
pub struct Api {
    /// The method.
    pub method: Method,
    /// The path below the API root, percent-encoded, with its query.
    pub path: String,
    /// The body, in Tent's media type.
    pub body: Option<Bytes>,
}

impl Api {
    /// A call without a body.
    pub fn new(method: Method, path: impl Into<String>) -> Self {
        Self {
            method,
            path: path.into(),
            body: None,
        }
    }

    /// Gives it a body, sent as Tent's media type.
    #[must_use]
    pub fn with_body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = Some(body.into());
        self
    }
}

impl fmt::Debug for Api {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Api")
            .field("method", &self.method)
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

impl Call for Api {
    type Answer = Response<Bytes>;

    fn access(&self) -> Access {
        Access::Optional
    }

    /// Safe methods and `DELETE` may be sent again (RFC 9110 §9.2). `PUT` may not: that of a post or of a
    /// section of the profile makes a version each time.
    fn replay(&self) -> Replay {
        if self.method.is_safe() || self.method == Method::DELETE {
            Replay::Always
        } else {
            Replay::OnlyIfUnsent
        }
    }

    fn request(&self, server: &Server) -> Result<Request, BuildError> {
        let request = request(self.method.clone(), server.path(&self.path)?);
        Ok(match &self.body {
            None => request,
            Some(body) => request
                .with_header(http::header::CONTENT_TYPE, MEDIA_TYPE)
                .with_body(body.clone()),
        })
    }

    fn answer(&self, _: &Server, answer: Response<Bytes>) -> Result<Response<Bytes>, DecodeError> {
        Ok(answer)
    }
}
