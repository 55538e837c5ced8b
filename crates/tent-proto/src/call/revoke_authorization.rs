//! `DELETE /apps/:id/authorizations/:auth_id`

use bytes::Bytes;
use http::{Method, Response};
use tent_flow::Request;

use super::{Access, Call, Receive, ReceiveError, Received, Replay, request};
use crate::json::DecodeError;
use crate::{AppId, AuthorizationId, BuildError, Server};

/// `DELETE /apps/:id/authorizations/:auth_id`: takes back what a person has granted an app. Its
/// credential is dead at once.
///
/// Signed with the app's own registration credential, or with scope `write_apps`. It may be sent again,
/// and is refused when it was carried out already.
///
/// Source: tent.io 0.2, app-auth; `docs/protocol.md` §4.7.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RevokeAuthorization {
    /// Of which app.
    pub app: AppId,
    /// Which authorization.
    pub id: AuthorizationId,
}

impl RevokeAuthorization {
    /// Revokes this authorization of this app.
    pub const fn new(app: AppId, id: AuthorizationId) -> Self {
        Self { app, id }
    }
}

impl Call for RevokeAuthorization {
    type Answer = ();

    fn access(&self) -> Access {
        Access::Signed
    }

    fn replay(&self) -> Replay {
        Replay::Always
    }

    fn request(&self, server: &Server) -> Result<Request, BuildError> {
        let app = server.endpoint("apps").segment(self.app.as_str());
        let authorization = app.segment("authorizations").segment(self.id.as_str());
        Ok(request(Method::DELETE, authorization.url()?))
    }

    fn answer(&self, _: &Server, _: Response<Bytes>) -> Result<(), DecodeError> {
        Ok(())
    }
}

impl Receive for RevokeAuthorization {
    fn receive(request: &Received<'_>) -> Result<Self, ReceiveError> {
        let pattern = "apps/:id/authorizations/:auth_id";
        let [app, id] = request.matching(&Method::DELETE, pattern)?;
        Ok(Self::new(app.into(), id.into()))
    }
}
