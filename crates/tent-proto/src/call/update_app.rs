//! `PUT /apps/:id`

use bytes::Bytes;
use http::{Method, Response};
use tent_flow::Request;

use super::{Access, Call, Receive, ReceiveError, Received, Replay, request_with_json};
use crate::json::{DecodeError, decode_secret};
use crate::{App, AppId, BuildError, Server};

/// `PUT /apps/:id`: changes a registration. Members that are given replace what was there; those that
/// are absent stay as they are.
///
/// Signed with the app's own registration credential, or with scope `write_apps`. It may be sent again.
///
/// Source: tent.io 0.2, app-auth; `docs/protocol.md` §3.4.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UpdateApp {
    /// Which app.
    pub id: AppId,
    /// What it shall be.
    pub app: App,
}

impl UpdateApp {
    /// Changes the app of this id.
    pub const fn new(id: AppId, app: App) -> Self {
        Self { id, app }
    }
}

impl Call for UpdateApp {
    type Answer = App;

    fn access(&self) -> Access {
        Access::Signed
    }

    fn replay(&self) -> Replay {
        Replay::Always
    }

    fn request(&self, server: &Server) -> Result<Request, BuildError> {
        let url = server.endpoint("apps").segment(self.id.as_str()).url()?;
        request_with_json(Method::PUT, url, &self.app)
    }

    fn answer(&self, _: &Server, answer: Response<Bytes>) -> Result<App, DecodeError> {
        decode_secret(answer.body())
    }
}

impl Receive for UpdateApp {
    fn receive(request: &Received<'_>) -> Result<Self, ReceiveError> {
        let [id] = request.matching(&Method::PUT, "apps/:id")?;
        Ok(Self::new(id.into(), request.secret_json()?))
    }
}
