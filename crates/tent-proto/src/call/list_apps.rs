//! `GET /apps`

use bytes::Bytes;
use http::{Method, Response};
use tent_flow::Request;

use super::{Access, Call, Receive, ReceiveError, Received, Replay, request};
use crate::json::{DecodeError, decode_secret};
use crate::{App, BuildError, Server};

/// `GET /apps`: lists the apps of the account, all at once.
///
/// Needs the scope `read_apps`.
///
/// Source: tent.io 0.2, app-auth; `docs/protocol.md` §3.4.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct ListApps {
    /// Whether keys shall be shown, which needs the scope `read_secrets`.
    pub secrets: bool,
}

impl ListApps {
    /// Lists the apps.
    pub const fn new() -> Self {
        Self { secrets: false }
    }

    /// Asks for keys too. Needs the scope `read_secrets`.
    #[must_use]
    pub const fn with_secrets(mut self) -> Self {
        self.secrets = true;
        self
    }
}

impl Call for ListApps {
    type Answer = Vec<App>;

    fn access(&self) -> Access {
        Access::Signed
    }

    fn replay(&self) -> Replay {
        Replay::Always
    }

    fn request(&self, server: &Server) -> Result<Request, BuildError> {
        let secrets = self.secrets.then_some(true);
        let url = server.endpoint("apps").pair_if("secrets", secrets).url()?;
        Ok(request(Method::GET, url))
    }

    fn answer(&self, _: &Server, answer: Response<Bytes>) -> Result<Vec<App>, DecodeError> {
        decode_secret(answer.body())
    }
}

impl Receive for ListApps {
    fn receive(request: &Received<'_>) -> Result<Self, ReceiveError> {
        let [] = request.matching(&Method::GET, "apps")?;
        Ok(Self {
            secrets: request.parameter("secrets") == Some("true"),
        })
    }
}
