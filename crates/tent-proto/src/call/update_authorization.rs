//! `PUT /apps/:id/authorizations/:auth_id`

use bytes::Bytes;
use http::{Method, Response};
use tent_flow::Request;

use super::{Access, Call, Receive, ReceiveError, Received, Replay, request_with_json};
use crate::json::{DecodeError, decode_secret};
use crate::{AppId, Authorization, AuthorizationId, BuildError, Server};

/// `PUT /apps/:id/authorizations/:auth_id`: changes what a person has granted an app: scopes, types and
/// the notification URL. Members that are given replace what was there; those that are absent stay as
/// they are.
///
/// Needs the scope `write_apps`. It may be sent again.
///
/// Source: tent.io 0.2, app-auth; `docs/protocol.md` §4.7.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UpdateAuthorization {
    /// Of which app.
    pub app: AppId,
    /// Which authorization.
    pub id: AuthorizationId,
    /// What it shall be.
    pub authorization: Authorization,
}

impl UpdateAuthorization {
    /// Changes this authorization of this app.
    pub const fn new(app: AppId, id: AuthorizationId, authorization: Authorization) -> Self {
        Self {
            app,
            id,
            authorization,
        }
    }
}

impl Call for UpdateAuthorization {
    type Answer = Authorization;

    fn access(&self) -> Access {
        Access::Signed
    }

    fn replay(&self) -> Replay {
        Replay::Always
    }

    fn request(&self, server: &Server) -> Result<Request, BuildError> {
        let app = server.endpoint("apps").segment(self.app.as_str());
        let url = app
            .segment("authorizations")
            .segment(self.id.as_str())
            .url()?;
        request_with_json(Method::PUT, url, &self.authorization)
    }

    fn answer(&self, _: &Server, answer: Response<Bytes>) -> Result<Authorization, DecodeError> {
        decode_secret(answer.body())
    }
}

impl Receive for UpdateAuthorization {
    fn receive(request: &Received<'_>) -> Result<Self, ReceiveError> {
        let pattern = "apps/:id/authorizations/:auth_id";
        let [app, id] = request.matching(&Method::PUT, pattern)?;
        Ok(Self::new(app.into(), id.into(), request.secret_json()?))
    }
}
