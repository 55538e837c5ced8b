//! `GET /apps/:id`

use bytes::Bytes;
use http::{Method, Response};
use tent_flow::Request;

use super::{Access, Call, Receive, ReceiveError, Received, Replay, request};
use crate::json::{DecodeError, decode_secret};
use crate::{App, AppId, BuildError, Server};

/// `GET /apps/:id`: reads a registration, with what people have granted the app.
///
/// Signed with the app's own registration credential, or with scope `read_apps`. What has been granted
/// is here, and not in the answer to the exchange of a code.
///
/// Source: tent.io 0.2, app-auth; `docs/protocol.md` §3.4.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct GetApp {
    /// Which app.
    pub id: AppId,
    /// Whether keys shall be shown, which needs the scope `read_secrets`.
    pub secrets: bool,
}

impl GetApp {
    /// Reads the app of this id.
    pub fn new(id: impl Into<AppId>) -> Self {
        Self {
            id: id.into(),
            secrets: false,
        }
    }

    /// Asks for keys too: the app's, and those of what people have granted it. Needs the scope
    /// `read_secrets`.
    #[must_use]
    pub const fn with_secrets(mut self) -> Self {
        self.secrets = true;
        self
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
        let app = server.endpoint("apps").segment(self.id.as_str());
        let url = app.pair_if("secrets", self.secrets.then_some(true)).url()?;
        Ok(request(Method::GET, url))
    }

    fn answer(&self, _: &Server, answer: Response<Bytes>) -> Result<App, DecodeError> {
        decode_secret(answer.body())
    }
}

impl Receive for GetApp {
    fn receive(request: &Received<'_>) -> Result<Self, ReceiveError> {
        let [id] = request.matching(&Method::GET, "apps/:id")?;
        Ok(Self {
            secrets: request.parameter("secrets") == Some("true"),
            ..Self::new(id)
        })
    }
}
