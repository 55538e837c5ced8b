//! `POST /apps/:id/authorizations`

use bytes::Bytes;
use http::{Method, Response};
use tent_flow::Request;

use super::{Access, Call, Receive, ReceiveError, Received, Replay, request_with_json};
use crate::json::{DecodeError, decode_secret};
use crate::{AppId, Authorization, BuildError, Server};

/// `POST /apps/:id/authorizations` without a code: grants an app something directly, as a program does
/// in which people manage their server.
///
/// Needs the scopes `write_apps` and `write_secrets`, which amount to control of the account. It is never
/// sent again when it might have been received, since that would grant it twice.
///
/// Source: tent.io 0.2, app-auth; `docs/protocol.md` §4.7.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CreateAuthorization {
    /// Which app.
    pub app: AppId,
    /// What to grant.
    pub authorization: Authorization,
}

impl CreateAuthorization {
    /// Grants this to an app.
    pub const fn new(app: AppId, authorization: Authorization) -> Self {
        Self { app, authorization }
    }
}

impl Call for CreateAuthorization {
    type Answer = Authorization;

    fn access(&self) -> Access {
        Access::Signed
    }

    fn replay(&self) -> Replay {
        Replay::OnlyIfUnsent
    }

    fn request(&self, server: &Server) -> Result<Request, BuildError> {
        let app = server.endpoint("apps").segment(self.app.as_str());
        let url = app.segment("authorizations").url()?;
        request_with_json(Method::POST, url, &self.authorization)
    }

    fn answer(&self, _: &Server, answer: Response<Bytes>) -> Result<Authorization, DecodeError> {
        decode_secret(answer.body())
    }
}

impl Receive for CreateAuthorization {
    fn receive(request: &Received<'_>) -> Result<Self, ReceiveError> {
        let [app] = request.matching(&Method::POST, "apps/:id/authorizations")?;
        Ok(Self::new(app.into(), request.secret_json()?))
    }
}
