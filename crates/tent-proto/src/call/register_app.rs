//! `POST /apps`

use bytes::Bytes;
use http::{Method, Response};
use tent_flow::Request;

use super::{Access, Call, Receive, ReceiveError, Received, Replay, request_with_json};
use crate::json::{DecodeError, decode_secret};
use crate::{App, BuildError, Server};

/// `POST /apps`: registers an app with a server. The answer holds its credential, which is shown
/// only this once.
///
/// It is never sent again when it might have been received, since that would register the app twice.
///
/// Source: tent.io 0.2, app-auth; `docs/protocol.md` §3.1.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RegisterApp {
    /// The app, without id and credential.
    pub app: App,
}

impl RegisterApp {
    /// Registers this app.
    pub const fn new(app: App) -> Self {
        Self { app }
    }
}

impl Call for RegisterApp {
    type Answer = App;

    fn access(&self) -> Access {
        Access::Public
    }

    fn replay(&self) -> Replay {
        Replay::OnlyIfUnsent
    }

    fn request(&self, server: &Server) -> Result<Request, BuildError> {
        request_with_json(Method::POST, server.endpoint("apps").url()?, &self.app)
    }

    fn answer(&self, _: &Server, answer: Response<Bytes>) -> Result<App, DecodeError> {
        decode_secret(answer.body())
    }
}

impl Receive for RegisterApp {
    fn receive(request: &Received<'_>) -> Result<Self, ReceiveError> {
        let [] = request.matching(&Method::POST, "apps")?;
        Ok(Self::new(request.secret_json()?))
    }
}
