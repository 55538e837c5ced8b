//! `GET /apps/:id`

use bytes::Bytes;
use http::{Method, Response};
use tent_flow::Request;

use super::{Access, Call, Replay, request};
use crate::json::{DecodeError, decode_secret};
use crate::{App, AppId, BuildError, Server};

/// `GET /apps/:id`: reads a registration, with what people have granted the app.
///
/// Signed with the app's own registration credential, or with scope `read_apps`.
///
/// Source: tent.io 0.2, app-auth; `docs/protocol.md` §3.4.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct GetApp {
    /// Which app.
    pub id: AppId,
}

impl GetApp {
    /// Reads the app of this id.
    pub fn new(id: impl Into<AppId>) -> Self {
        Self { id: id.into() }
    }
}

impl Call for GetApp {
    type Answer = App;

    fn access(&self) -> Access {
        Access::Signed
    }

    fn replay(&self) -> Replay {
        Replay::Always
    }

    fn request(&self, server: &Server) -> Result<Request, BuildError> {
        let url = server.endpoint("apps").segment(self.id.as_str()).url()?;
        Ok(request(Method::GET, url))
    }

    fn answer(&self, _: &Server, answer: Response<Bytes>) -> Result<App, DecodeError> {
        decode_secret(answer.body())
    }
}
